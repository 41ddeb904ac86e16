// The file that the fault matrix looks for: the steps are those of the library, and no service without it passes them.
export { WEBHOOK_FAULT_POINTS } from '@txmsg/webhooks';
