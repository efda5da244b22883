/** One section of an Asterisk configuration file; a value that is a list is written once for each of its entries. */
export interface Section {
  name: string;
  values: Record<string, string | string[]>;
  /** Written above it. */
  comment?: string;
}

/** The text of an Asterisk configuration file. */
export function confFile(purpose: string, sections: Section[]): string {
  return [`; ${purpose}`, '; Written by `ringwise asterisk config`.', ...sections.map(sectionText)].join(
    '\n',
  );
}

function sectionText({ name, values, comment }: Section): string {
  const lines = Object.entries(values).flatMap(([key, value]) =>
    (Array.isArray(value) ? value : [value]).map((each) => `${key} = ${escapeValue(each)}`),
  );
  return ['', ...(comment ? [`; ${comment}`] : []), `[${name}]`, ...lines, ''].join('\n');
}

/** A semicolon begins a comment; a line break would begin a setting of its own. */
function escapeValue(value: string): string {
  return value.replace(/[\r\n]/g, ' ').replace(/;/g, '\\;');
}
