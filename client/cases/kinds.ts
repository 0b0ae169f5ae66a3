import type { Collection } from '../api/collection';
import { text, type JsonObject } from '../api/json';
import { plainText } from '../api/plainText';
import type { GrandChallenge } from '../grandChallenge';

/** What archive items and display sets differ in; they are written in the same way. */
export interface CaseKind {
	/** Under which an error names one. */
	key: 'archiveItem' | 'displaySet';
	cases(gc: GrandChallenge): Collection;
	/** The archives or reader studies that they are in. */
	parents(gc: GrandChallenge): Collection;
	/** The filter of the list by the parent's pk. */
	filter: 'archive' | 'reader_study';
	/** How a new one names its parent (API sheet, section 15.1). */
	of(parent: JsonObject): JsonObject;
	/** Whether one cannot be changed any more once it has been answered. */
	freezes: boolean;
}

export const ARCHIVE_ITEMS: CaseKind = {
	key: 'archiveItem',
	cases: (gc) => gc.archiveItems,
	parents: (gc) => gc.archives,
	filter: 'archive',
	of: (archive) => ({ archive: text(archive, 'api_url') }),
	freezes: false,
};

export const DISPLAY_SETS: CaseKind = {
	key: 'displaySet',
	cases: (gc) => gc.displaySets,
	parents: (gc) => gc.readerStudies,
	filter: 'reader_study',
	of: (study) => ({ reader_study: text(study, 'slug') }),
	freezes: true,
};

/** The title of a case. Newer servers show that of a display set as sanitised HTML only. */
export const titleOf = (entity: JsonObject): string => text(entity, 'title') || plainText(text(entity, 'title_safe'));
