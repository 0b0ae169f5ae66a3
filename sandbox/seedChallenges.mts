import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

import { addSubmission, rankPhase, recordOutcome, type Outcome } from './evaluations.mts';
import { storeFile } from './files.mts';
import type { Platform } from './platform.mts';
import { day, firstDay, seededValue, type People } from './seedParts.mts';
import { socket } from './seedSockets.mts';
import type { Algorithm, AlgorithmImage, AlgorithmModel, Archive, Challenge, Phase, Submission, User } from './store.mts';
import { attach } from './values.mts';
import { addItem } from './worker.mts';

const start = firstDay + 120 * day;

/** Challenges with phases, and what was submitted to them. */
export const seedChallenges = async (platform: Platform, people: People): Promise<void> => {
	const { main, reader, other, organizer, evaluator } = people;
	const entry = await addEntry(platform, people);
	const nodules = addChallenge(platform, 'nodules', {
		slug: 'nodules26',
		title: 'Nodules 2026',
		description: 'Find the nodules in the lung phantoms',
		admins: new Set([organizer.id]),
		participants: new Set([main.id, reader.id, other.id]),
		externalEvaluators: new Set([main.id, evaluator.id]),
		startDate: start,
		endDate: start + 400 * day,
	});
	const preliminary = addPhase(platform, nodules, 'preliminary', {
		slug: 'preliminary-test-phase',
		title: 'Preliminary Test Phase',
		extraMetrics: ['aggregates.recall'],
	});
	const external = addPhase(platform, nodules, 'external', {
		slug: 'final-external-phase',
		title: 'Final External Phase',
		external: true,
		displayAllMetrics: true,
	});
	const submit = (
		name: string,
		phase: Phase,
		creator: User,
		outcome: Outcome | undefined,
		given: Partial<Submission> = {},
	) => {
		const created = start + platform.store.evaluations.size * day;
		const evaluation = addSubmission(platform, phase, creator, { created, ...given });
		platform.store.names.set(`evaluations.${name}`, evaluation.pk);
		if (outcome === undefined) return evaluation;
		recordOutcome(platform, evaluation, outcome);
		if (!phase.external) Object.assign(evaluation, { execMs: 1_337_000, invokeMs: 1_330_500 });
		return evaluation;
	};
	const predictions = async () => ({
		predictionsFile: await storeFile(platform, 'predictions.csv', 'case,nodule\nlung-1,1\n'),
	});
	const metrics = (dice: number, recall: number): Outcome => ({
		metrics: { aggregates: { dice, recall, secret: dice / 2 }, cases: [{ name: 'lung-1', dice }] },
	});
	submit('main', preliminary, main, metrics(0.81, 0.9), {
		...(await predictions()),
		comment: 'First try',
	});
	submit('reader', preliminary, reader, metrics(0.86, 0.75), await predictions());
	submit('failed', preliminary, reader, { error: 'The evaluation failed.' }, await predictions());
	submit('unpublished', preliminary, other, metrics(0.5, 0.5), await predictions()).published = false;
	submit('algorithm', preliminary, other, metrics(0.86, 0.6), { algorithmImage: entry.image.pk });
	addCases(platform, entry, organizer);
	const container = { algorithmImage: entry.image.pk, algorithmModel: entry.model.pk };
	submit('externalDone', external, other, metrics(0.7, 0.7), container).claimedBy = organizer.id;
	submit('claimable1', external, other, undefined, container);
	submit('claimable2', external, reader, undefined, { algorithmImage: entry.image.pk });
	submit('claimable3', external, other, undefined, container);

	const hidden = addChallenge(platform, 'hidden', {
		slug: 'hidden26',
		title: 'Hidden 2026',
		public: false,
		admins: new Set([main.id]),
		participants: new Set([reader.id]),
		startDate: start,
	});
	const only = addPhase(platform, hidden, 'hidden', {
		slug: 'only-phase',
		title: 'Only Phase',
		lowerIsBetter: true,
		scorePath: 'error',
	});
	submit('hiddenReader', only, reader, { metrics: { error: 2.5, seconds: 31 } }, await predictions());
	submit('hiddenOther', only, other, { metrics: { error: 1.5, seconds: 12 } }, await predictions());
	addChallenge(platform, 'completed', {
		slug: 'phantoms24',
		title: 'Phantoms 2024',
		status: 'COMPLETED',
		publications: ['https://doi.org/10.1000/phantoms24'],
		incentives: ['Publication'],
		startDate: firstDay - 300 * day,
		endDate: firstDay - 100 * day,
	});
	for (const phase of [preliminary, external, only]) rankPhase(platform, phase);
};

const addChallenge = (
	platform: Platform,
	name: string,
	given: Partial<Challenge> & Pick<Challenge, 'slug' | 'title'>,
): Challenge => {
	const { challenges, names } = platform.store;
	const created = firstDay + (100 + challenges.size) * day;
	const challenge: Challenge = {
		pk: 801 + challenges.size,
		description: '',
		public: true,
		status: 'OPEN',
		submissionTypes: ['Predictions', 'Algorithm'],
		startDate: null,
		endDate: null,
		publications: [],
		incentives: [],
		created,
		modified: created + day,
		admins: new Set(),
		participants: new Set(),
		externalEvaluators: new Set(),
		...given,
	};
	challenges.set(challenge.slug, challenge);
	names.set(`challenges.${name}`, challenge.slug);
	return challenge;
};

const addPhase = (
	platform: Platform,
	challenge: Challenge,
	name: string,
	given: Partial<Phase> & Pick<Phase, 'slug' | 'title'>,
): Phase => {
	const phase: Phase = {
		pk: platform.random.uuid(),
		challenge: challenge.slug,
		public: true,
		external: false,
		displayAllMetrics: false,
		scorePath: 'aggregates.dice',
		lowerIsBetter: false,
		extraMetrics: [],
		...given,
	};
	platform.store.phases.set(phase.pk, phase);
	platform.store.names.set(`phases.${name}`, phase.pk);
	return phase;
};

interface Entry {
	algorithm: Algorithm;
	image: AlgorithmImage;
	model: AlgorithmModel;
}

/** An algorithm that was submitted: with a container image and weights that the external evaluators may download. */
const addEntry = async (platform: Platform, { main, other, evaluator }: People): Promise<Entry> => {
	const { algorithms, algorithmImages, algorithmModels, names } = platform.store;
	const algorithm: Algorithm = {
		pk: platform.random.uuid(),
		slug: 'nodule-challenge-entry',
		title: 'Nodule Challenge Entry',
		description: 'What was submitted to a challenge',
		created: start - 3 * day,
		public: false,
		editors: new Set([other.id]),
		users: new Set(),
		interfaces: [
			{
				inputs: [socket(platform, 'ct-image')],
				outputs: [socket(platform, 'mean-intensity')],
			},
		],
		implementation: 'fail',
		durationMs: 40_000,
		averageDuration: null,
		creditsPerJob: 20,
	};
	algorithms.set(algorithm.pk, algorithm);
	// Large enough to come in several pieces.
	const layers = Array.from({ length: 2000 }, (_, i) => createHash('sha256').update(String(i)).digest('hex')).join('\n');
	const archive = (name: string, content: string) => storeFile(platform, name, gzipSync(`${content}\n${layers}`));
	const common = { algorithm: algorithm.pk, importStatus: 'Completed', downloaders: new Set([main.id, evaluator.id]) };
	const image: AlgorithmImage = {
		...common,
		pk: platform.random.uuid(),
		created: start - 2 * day,
		file: await archive('container.tar.gz', 'layers of the container image'),
		invokable: false,
	};
	const model: AlgorithmModel = {
		...common,
		pk: platform.random.uuid(),
		created: start - day,
		file: await archive('weights.tar.gz', 'weights of the network'),
	};
	algorithmImages.set(image.pk, image);
	algorithmModels.set(model.pk, model);
	for (const [name, { pk }] of Object.entries({
		algorithms: algorithm,
		algorithmImages: image,
		algorithmModels: model,
	}))
		names.set(`${name}.entry`, pk);
	return { algorithm, image, model };
};

/** The cases of a phase, and the jobs on them behind an evaluation: the platform ran these, the organizers of the challenge see both. */
const addCases = (platform: Platform, { algorithm, image }: Entry, organizer: User) => {
	const { archives, jobs, names } = platform.store;
	const archive: Archive = {
		pk: platform.random.uuid(),
		slug: 'nodules-test-set',
		title: 'Nodules Test Set',
		description: 'The cases of a phase',
		public: false,
		editors: new Set([organizer.id]),
		uploaders: new Set(),
		users: new Set(),
		created: start - day,
		allowedSockets: ['ct-image'],
	};
	archives.set(archive.pk, archive);
	names.set('archives.testSet', archive.pk);
	for (const [i, name] of ['lung1', 'lung2'].entries()) {
		const item = addItem(platform, archive.pk, `Test case ${i + 1}`);
		const [inputs, outputs] = [{ values: [] }, { values: [] }];
		const scan = seededValue(platform, 'ct-image', { image: name });
		attach(platform, item, scan);
		attach(platform, inputs, scan);
		attach(platform, outputs, seededValue(platform, 'mean-intensity', { json: -700 - i }));
		const pk = platform.random.uuid();
		jobs.set(pk, {
			pk,
			algorithm: algorithm.pk,
			algorithmImage: image.pk,
			creator: null,
			created: start + i * 60_000,
			public: false,
			viewers: new Set([organizer.id]),
			status: 'Succeeded',
			interface: 0,
			inputs,
			outputs,
			pendingInputs: 0,
			execMs: 41_000,
			invokeMs: 40_000,
		});
		names.set(`items.test${i + 1}`, item.pk);
		names.set(`systemJobs.entry${i + 1}`, pk);
	}
};
