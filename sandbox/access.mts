import type { Platform } from './platform.mts';
import type {
	Algorithm,
	Archive,
	ArchiveItem,
	Challenge,
	DisplaySet,
	Endpoint,
	Evaluation,
	Image,
	Job,
	Phase,
	Question,
	ReaderAnswer,
	ReaderStudy,
	SocketValue,
	User,
	Workstation,
} from './store.mts';

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

export const isStudyEditor = (user: Asker, study: ReaderStudy): boolean => isIn(user, study.editors);

/** Readers and editors see display sets and questions, and may answer. */
export const isStudyMember = (user: Asker, study: ReaderStudy): boolean =>
	isIn(user, study.readers) || isStudyEditor(user, study);

/** A public reader study shows itself, but not what is in it. */
export const canViewStudy = (user: Asker, study: ReaderStudy): boolean => study.public || isStudyMember(user, study);

/** True for readers and editors of the study that a display set or question belongs to. */
export const canReadPart = (platform: Platform, user: Asker, part: DisplaySet | Question): boolean => {
	const study = platform.store.readerStudies.get(part.readerStudy);
	return study !== undefined && isStudyMember(user, study);
};

/** Who gave an answer sees it, and so do the editors. */
export const canViewAnswer = (platform: Platform, user: Asker, answer: ReaderAnswer): boolean => {
	const study = platform.store.readerStudies.get(platform.store.questions.get(answer.question)?.readerStudy ?? '');
	return (user !== null && answer.creator === user.id) || (study !== undefined && isStudyEditor(user, study));
};

/** The people who run a challenge see everything of it. */
export const isChallengeAdmin = (user: Asker, challenge: Challenge): boolean => isIn(user, challenge.admins);

export const canViewChallenge = (user: Asker, challenge: Challenge): boolean =>
	challenge.public ||
	isChallengeAdmin(user, challenge) ||
	isIn(user, challenge.participants) ||
	isIn(user, challenge.externalEvaluators);

/** Phase and challenge of an evaluation. */
export const placeOf = (platform: Platform, evaluation: Evaluation): { phase: Phase; challenge: Challenge } => {
	const phase = platform.store.phases.get(evaluation.phase);
	const challenge = platform.store.challenges.get(phase?.challenge ?? '');
	if (phase === undefined || challenge === undefined) throw new Error('An evaluation without its challenge');
	return { phase, challenge };
};

export const canClaim = (platform: Platform, user: Asker, evaluation: Evaluation): boolean => {
	const { phase, challenge } = placeOf(platform, evaluation);
	return phase.external && isIn(user, challenge.externalEvaluators);
};

/** Being the one who submitted grants nothing. */
export const canViewEvaluation = (platform: Platform, user: Asker, evaluation: Evaluation): boolean => {
	const { phase, challenge } = placeOf(platform, evaluation);
	const isOpen = evaluation.published && phase.public && (challenge.public || isIn(user, challenge.participants));
	return isOpen || isChallengeAdmin(user, challenge) || canClaim(platform, user, evaluation);
};

export const canViewWorkstation = (user: Asker, workstation: Workstation): boolean =>
	workstation.public || isIn(user, workstation.editors) || isIn(user, workstation.users);

export const isEndpointCreator = (user: Asker, endpoint: Endpoint): boolean => user?.id === endpoint.creator;

export const canViewEndpoint = (user: Asker, endpoint: Endpoint): boolean =>
	isEndpointCreator(user, endpoint) || isIn(user, endpoint.viewers);

const holdersShow = (platform: Platform, user: Asker, holds: (pks: number[]) => boolean): boolean => {
	for (const item of platform.store.items.values()) {
		if (holds(item.values) && canViewItem(platform, user, item)) return true;
	}
	for (const job of platform.store.jobs.values()) {
		if ((holds(job.inputs.values) || holds(job.outputs.values)) && canViewJob(user, job)) return true;
	}
	for (const invocation of platform.store.invocations.values()) {
		const endpoint = platform.store.endpoints.get(invocation.endpoint);
		const isHeld = holds(invocation.inputs.values) || holds(invocation.outputs.values);
		if (isHeld && endpoint !== undefined && canViewEndpoint(user, endpoint)) return true;
	}
	for (const displaySet of platform.store.displaySets.values()) {
		if (holds(displaySet.values) && canReadPart(platform, user, displaySet)) return true;
	}
	for (const evaluation of platform.store.evaluations.values()) {
		if (holds(evaluation.outputs.values) && isChallengeAdmin(user, placeOf(platform, evaluation).challenge))
			return true;
	}
	return false;
};

/** A value can be read by whoever may view a job, an item or a display set that has it, or runs the challenge of its evaluation. */
export const canViewValue = (platform: Platform, user: Asker, value: SocketValue): boolean =>
	holdersShow(platform, user, (pks) => pks.includes(value.pk));

/** An image that is attached to nothing is visible to nobody, not even its uploader. */
export const canViewImage = (platform: Platform, user: Asker, image: Image): boolean => {
	const pks = new Set(valuesOfImage(platform, image.pk));
	if (pks.size > 0 && holdersShow(platform, user, (held) => held.some((pk) => pks.has(pk)))) return true;
	const isAnswer = (answer: ReaderAnswer) => answer.image === image.pk && canViewAnswer(platform, user, answer);
	return [...platform.store.answers.values()].some(isAnswer);
};

/** The pks of the values that hold an image. */
export const valuesOfImage = (platform: Platform, image: string): number[] =>
	[...platform.store.values.values()].filter((value) => value.image === image).map((value) => value.pk);
