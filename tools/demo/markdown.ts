/** A document as far as the documentation's tests look into it. */
export interface MarkdownSection {
  readonly title: string;
  readonly lines: readonly string[];
}

/** Cut at its headings of the second level; what stands before the first one is the section "". */
export function sectionsOf(markdown: string): MarkdownSection[] {
  const sections: { title: string; lines: string[] }[] = [{ title: '', lines: [] }];
  for (const line of markdown.split('\n')) {
    const title = /^## (.*)$/.exec(line)?.[1];
    if (title === undefined) sections.at(-1)?.lines.push(line);
    else sections.push({ title, lines: [] });
  }
  return sections;
}

/** The contents of the fenced blocks in this language, without the fences. */
export function codeBlocks(markdown: string, language: string): string[] {
  return [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, contents = '']) => contents,
  );
}

/** Every table row as its cells, without header separators and the padding that formatters add. */
export function tableRows(lines: readonly string[]): string[][] {
  return lines
    .filter((line) => line.startsWith('|') && !/^\|[\s|:-]+$/.test(line))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

/** Targets of links into this repository. */
export function localLinks(markdown: string): string[] {
  return [...markdown.matchAll(/\]\(([^)#]+)[^)]*\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}
