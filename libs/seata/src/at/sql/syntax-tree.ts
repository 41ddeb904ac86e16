/** A node of the parser's syntax tree, which has far more kinds than are looked at here. */
export type SyntaxNode = Readonly<Record<string, unknown>>;

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Of a node `{ Kind: content }`: the content, when it is of this kind. */
export function contentOf(value: unknown, kind: string): unknown {
  return isNode(value) ? value[kind] : undefined;
}

/** Calls `visit` with every node below and including this one. */
export function walk(value: unknown, visit: (node: SyntaxNode) => void): void {
  if (Array.isArray(value)) for (const item of value) walk(item, visit);
  if (!isNode(value)) return;
  visit(value);
  for (const child of Object.values(value)) walk(child, visit);
}

const PLACES = new Set(['span', 'token', 'opening_token', 'closing_token']);

/** The same tree without the places of its words, as text to compare. */
export function shapeOf(value: unknown): string {
  return JSON.stringify(value, (key, child: unknown) =>
    PLACES.has(key) || key.endsWith('_token') ? undefined : child,
  );
}

/** How many there are. They come in the order of the text, so that counting them tells which parameter a value is. */
export function placeholdersIn(part: unknown): number {
  return shapeOf(part).split('{"Placeholder":').length - 1;
}

const NOTHING = new Set<unknown>([undefined, null, false, 'None', 'Standard']);

/** True of what the parser writes where a clause is absent. */
function isAbsent(value: unknown): boolean {
  if (NOTHING.has(value)) return true;
  if (Array.isArray(value)) return value.every(isAbsent);
  return isNode(value) && Object.values(value).every(isAbsent);
}

/** The first clause that is there and not among these, so that what a later version of the parser learns is refused too. */
export function otherClause(node: SyntaxNode, known: readonly string[]): string | undefined {
  return Object.keys(node).find(
    (key) => !known.includes(key) && !key.endsWith('_token') && !isAbsent(node[key]),
  );
}

/** The parts of a name, as `db`.`table`; undefined when a part is something else. */
export function namesOf(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const names = value.map((part) => {
    const identifier: unknown = contentOf(part, 'Identifier') ?? part;
    return isNode(identifier) && typeof identifier.value === 'string' ? identifier.value : undefined;
  });
  return names.every((name) => name !== undefined) ? names : undefined;
}

/** The text of one part of a name, when it stands there without quotes. */
export function unquotedName(part: unknown): string | undefined {
  if (!isNode(part) || part.quote_style != null) return undefined;
  return typeof part.value === 'string' ? part.value : undefined;
}

/** The last part of the name of a column, given an expression that is one. */
export function columnOf(expression: unknown): string | undefined {
  const simple = contentOf(expression, 'Identifier');
  const names = namesOf(simple === undefined ? contentOf(expression, 'CompoundIdentifier') : [simple]);
  return names?.at(-1);
}

/** The expression within brackets. */
export function unwrapped(expression: unknown): unknown {
  const inner = contentOf(expression, 'Nested');
  return inner === undefined ? expression : unwrapped(inner);
}
