/**
 * Reads what the servers write with fastjson: maps with whole numbers as keys come as `{0:"…"}`, which is no JSON.
 * Such answers hold names and addresses only, so nothing in their texts looks like such a key.
 */
export function parseFastjson(body: Buffer): unknown {
  const text = body.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return JSON.parse(text.replaceAll(/([{,])(-?\d+):/g, '$1"$2":'));
  }
}
