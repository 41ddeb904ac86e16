import { HTTP_AMOUNT_RULE, isHttpAmount, normalizeAmount, PAY_PORT, PAY_PREFIX } from '@txmsg/contracts';
import { ClassicGetAnyHost, ClassicGetEnabled, PeerSettings, Setting, wholeNumber } from '@txmsg/service';
import type { ServiceFaultPoint } from 'txmsg/faults';
import { PAYMENT_FAULT_POINTS } from './payments/payment.fault-points.js';

/** What pay reads from its environment. With `PEER_SHARED_SECRET` its answers are signed. */
export class PaySettings extends PeerSettings {
  readonly serviceName = PAY_PREFIX;

  @Setting({
    name: 'PORT',
    rule: wholeNumber(0, 65_535),
    default: String(PAY_PORT),
    meaning: 'The port that HTTP listens on; 0 takes any free one.',
  })
  readonly port!: number;

  @Setting({
    name: 'PAY_AMOUNT_MAX',
    rule: {
      text: HTTP_AMOUNT_RULE.replace('must be ', ''),
      read: (text) => (isHttpAmount(text) ? normalizeAmount(text) : undefined),
    },
    default: '50000.00',
    meaning: 'The largest payment that succeeds; a larger one is recorded, and told, as `fail`.',
  })
  readonly payAmountMax!: string;

  @Setting({
    name: 'PAY_TIMEOUT_MS',
    rule: wholeNumber(100, 14_000),
    default: '3000',
    meaning: 'How long the transaction of a payment may take before it is rolled back, in ms.',
  })
  readonly payTimeoutMs!: number;

  @ClassicGetEnabled('`GET /pay/paydo`')
  readonly classicGetEnabled!: boolean;

  @ClassicGetAnyHost()
  readonly classicGetAnyHost!: boolean;

  override get classicGet(): { readonly isEnabled: boolean; readonly byAnyHost: boolean } {
    return { isEnabled: this.classicGetEnabled, byAnyHost: this.classicGetAnyHost };
  }

  override get faultPoints(): readonly ServiceFaultPoint[] {
    return PAYMENT_FAULT_POINTS;
  }
}
