import type { Platform } from './platform.mts';
import type { Algorithm, Archive, ArchiveItem, Image, Job, SocketValue, User } from './store.mts';

/** Who asks; null: `AnonymousUser`. */
export type Asker = User | null;

const isIn = (user: Asker, group: Set<number>) => user !== null && group.has(user.id);

export const isArchiveMember = (user: Asker, archive: Archive): boolean =>
	isIn(user, archive.editors) || isIn(user, archive.uploaders) || isIn(user, archive.users);

/** A public archive shows itself, but not its items. */
export const canViewArchive = (user: Asker, archive: Archive): boolean =>
	archive.public || isArchiveMember(user, archive);

export const canUploadToArchive = (user: Asker, archive: Archive): boolean =>
	isIn(user, archive.editors) || isIn(user, archive.uploaders);

export const canViewItem = (platform: Platform, user: Asker, item: ArchiveItem): boolean => {
	const archive = platform.store.archives.get(item.archive);
	return archive !== undefined && isArchiveMember(user, archive);
};

export const canViewAlgorithm = (user: Asker, algorithm: Algorithm): boolean =>
	algorithm.public || canExecute(user, algorithm);

/** Visible does not mean executable. */
export const canExecute = (user: Asker, algorithm: Algorithm): boolean =>
	isIn(user, algorithm.editors) || isIn(user, algorithm.users);

export const isAlgorithmEditor = (user: Asker, algorithm: Algorithm): boolean => isIn(user, algorithm.editors);

/** Editors of the algorithm do not see other users' jobs. */
export const canViewJob = (user: Asker, job: Job): boolean =>
	job.public || (user !== null && job.creator === user.id) || isIn(user, job.viewers);

const holdersShow = (platform: Platform, user: Asker, holds: (pks: number[]) => boolean): boolean => {
	for (const item of platform.store.items.values()) {
		if (holds(item.values) && canViewItem(platform, user, item)) return true;
	}
	for (const job of platform.store.jobs.values()) {
		if ((holds(job.inputs.values) || holds(job.outputs.values)) && canViewJob(user, job)) return true;
	}
	return false;
};

/** A value can be read by whoever may view a job or an item that has it. */
export const canViewValue = (platform: Platform, user: Asker, value: SocketValue): boolean =>
	holdersShow(platform, user, (pks) => pks.includes(value.pk));

/** An image that is attached to nothing is visible to nobody, not even its uploader. */
export const canViewImage = (platform: Platform, user: Asker, image: Image): boolean => {
	const pks = new Set(valuesOfImage(platform, image.pk));
	return pks.size > 0 && holdersShow(platform, user, (held) => held.some((pk) => pks.has(pk)));
};

/** The pks of the values that hold an image. */
export const valuesOfImage = (platform: Platform, image: string): number[] =>
	[...platform.store.values.values()].filter((value) => value.image === image).map((value) => value.pk);
