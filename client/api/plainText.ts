const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** Tags after which a new line begins. */
const ENDS_LINE = /<(?:br|hr|\/(?:p|li|h[1-6]|div|tr|pre|blockquote))\b[^>]*>/gi;

const character = (entity: string, name: string): string => {
	const code = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : /^#/.test(name) ? Number(name.slice(1)) : undefined;
	if (code === undefined) return ENTITIES[name.toLowerCase()] ?? entity;
	return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : entity;
};

/**
 * The sanitised HTML in which the platform gives titles and texts (its fields ending in `_safe`), as people read it:
 * without tags, each paragraph on a line of its own.
 */
export const plainText = (html: string): string =>
	html
		.replace(ENDS_LINE, '\n')
		.replace(/<[^>]*>/g, '')
		.replace(/&(#\d+|#x[\da-f]+|[a-z]+);/gi, character)
		.replace(/[^\S\n]*\n\s*/g, '\n')
		.trim();
