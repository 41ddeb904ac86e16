/** What a name or address, a port and a number are made of. */
const XID_PATTERN = /^(?:[A-Za-z0-9._-]+|\[?[0-9A-Fa-f:.]+\]?):\d{1,5}:\d{1,20}$/;
const XID_LENGTH_MAX = 128;

/** Whether it has the form of a global transaction's id: `host:port:number`. Whether there is one, the coordinator knows. */
export function isXid(text: string): boolean {
  return text.length <= XID_LENGTH_MAX && XID_PATTERN.test(text);
}
