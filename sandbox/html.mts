const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** A text as the platform's fields ending in `_safe` have it where no tags are allowed. */
export const safe = (text: string): string => text.replace(/[&<>]/gu, (character) => entities[character] ?? character);
