// The trigger in n8n-core: what starts a workflow, what does not, and how it lives through outages.
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import type { UserName } from '../../sandbox/client.mts';
import { id, useWorld } from './fixtures/world.mts';
import type { ActiveTrigger, Activation } from './support/harness.mts';

const world = useWorld({ node: 'grandChallengeTrigger', fresh: true });

const activate = (event: string, parameters: INodeParameters = {}, more: Activation = {}): ActiveTrigger =>
	world.n8n.activate({ credentials: world.credentials(), ...more, parameters: { event, startFrom: 'now', simplify: true, options: {}, ...parameters } });
const poll = async (trigger: ActiveTrigger): Promise<IDataObject[]> => (await trigger.poll()).map(({ json }) => json);
/** A trigger that has seen what is there. */
const started = async (event: string, parameters?: INodeParameters): Promise<ActiveTrigger> => {
	const trigger = activate(event, parameters);
	expect(await poll(trigger)).toEqual([]);
	return trigger;
};
const pks = (items: IDataObject[]) => items.map(({ pk }) => pk);

/** Fetches as that user. */
const as = async (user: UserName, path: string, method: string, body: unknown): Promise<IDataObject> => {
	const answer = await fetch(`${world.sandbox.origins.api}/api/v1/${path}`, {
		method,
		headers: { authorization: `Bearer ${world.sandbox.tokens[user]}`, 'content-type': 'application/json' },
		body: JSON.stringify(body),
	});
	const answered = (await answer.json()) as IDataObject;
	if (!answer.ok) throw new Error(JSON.stringify(answered));
	return answered;
};
const addItem = async (title: string) => await as('main', 'archives/items/', 'POST', { archive: world.state.archives.empty?.api_url, title });
const setValues = async (item: IDataObject, values: IDataObject[]) => await as('main', `archives/items/${String(item.pk)}/`, 'PATCH', { values });
const runJob = async (algorithm: string, inputs: IDataObject[]) => await as('main', 'algorithms/jobs/', 'POST', { algorithm: world.state.algorithms[algorithm]?.api_url, inputs });
const answer = async (user: UserName, given: string | boolean, displaySet: string, question = 'remark') =>
	await as(user, 'reader-studies/answers/', 'POST', {
		answer: given,
		display_set: world.state.displaySets[displaySet]?.api_url,
		question: world.state.questions[question]?.api_url,
	});

const incoming = { archive: id('incoming-cases') };

describe('events', () => {
	it('a job has finished, whenever it was started', async () => {
		await world.sandbox.setClock({ mode: 'manual' });
		const before = await runJob('echo', [{ interface: 'clinical-information', value: 'before' }]);
		const trigger = await started('algorithmJobFinished', { algorithm: id('clinical-echo') });
		const after = await runJob('echo', [{ interface: 'clinical-information', value: 'after' }]);
		expect(await poll(trigger)).toEqual([]);
		await world.sandbox.settle();
		const items = await poll(trigger);
		expect(pks(items)).toEqual([before.pk, after.pk]);
		expect(items[0]).toMatchObject({ status: 'Succeeded', algorithm: world.state.algorithms.echo?.pk, inputs: { 'clinical-information': 'before' } });
		expect(await poll(trigger)).toEqual([]);
	});

	it('a job has failed, and no other one counts', async () => {
		const trigger = await started('algorithmJobFinished', { algorithm: id('always-failing'), options: { statuses: ['Failed'] } });
		const others = await started('algorithmJobFinished', { algorithm: id('always-failing'), options: { statuses: ['Succeeded'] } });
		const job = await runJob('failing', [{ interface: 'patient-age', value: 42 }]);
		await world.sandbox.settle();
		expect(await poll(trigger)).toMatchObject([{ pk: job.pk, status: 'Failed' }]);
		expect(await poll(others)).toEqual([]);
	});

	it('an archive has a new item, at once or when its sockets have values', async () => {
		const atOnce = await started('archiveItemAdded', incoming);
		const complete = await started('archiveItemAdded', { ...incoming, options: { sockets: 'patient-age, ct-image' } });
		const item = await addItem('Case 1');
		expect(await poll(atOnce)).toEqual([{ pk: item.pk, title: 'Case 1', archive: world.state.archives.empty?.pk, values: {} }]);
		await setValues(item, [{ interface: 'patient-age', value: 42 }]);
		expect(await poll(complete)).toEqual([]);
		await setValues(item, [{ interface: 'ct-image', image: world.state.images.lung1?.api_url }]);
		expect(await poll(complete)).toMatchObject([{ pk: item.pk, values: { 'patient-age': 42 } }]);
		expect([await poll(atOnce), await poll(complete)]).toEqual([[], []]);
	});

	it('an archive item has got, changed or lost values', async () => {
		const trigger = await started('archiveItemChanged', incoming);
		const item = await addItem('Case 1');
		expect(await poll(trigger)).toEqual([]);
		for (const value of [41, 42]) {
			await setValues(item, [{ interface: 'patient-age', value }]);
			expect(await poll(trigger)).toMatchObject([{ pk: item.pk, values: { 'patient-age': value } }]);
			expect(await poll(trigger)).toEqual([]);
		}
		await as('main', `archives/items/${String(item.pk)}/`, 'PATCH', { title: 'Another title' });
		expect(await poll(trigger)).toEqual([]);
		await as('main', `archives/items/${String(item.pk)}/`, 'PUT', {});
		expect(await poll(trigger)).toMatchObject([{ pk: item.pk, values: {} }]);
	});

	it('a reader study has a new display set, or one with other values', async () => {
		const study = { readerStudy: id('practice-study') };
		const [added, changed] = [await started('displaySetAdded', study), await started('displaySetChanged', study)];
		const set = await as('main', 'reader-studies/display-sets/', 'POST', { reader_study: 'practice-study', title: 'Case 9' });
		expect(await poll(added)).toMatchObject([{ pk: set.pk, title: 'Case 9' }]);
		expect(await poll(changed)).toEqual([]);
		await as('main', `reader-studies/display-sets/${String(set.pk)}/`, 'PATCH', { values: [{ interface: 'patient-age', value: 42 }] });
		expect(await poll(added)).toEqual([]);
		expect(await poll(changed)).toMatchObject([{ pk: set.pk, values: { 'patient-age': 42 } }]);
	});

	it('a reader has answered, and has changed the answer', async () => {
		const study = { readerStudy: id('practice-study') };
		const added = await started('answerAdded', study);
		const mine = await started('answerAdded', { ...study, options: { reader: 'main' } });
		const changed = await started('answerChanged', study);
		const other = await started('answerAdded', { ...study, options: { question: id(world.state.questions.grade?.pk ?? '') } });
		const given = await answer('reader', 'Nothing', 'practice2');
		expect(await poll(added)).toMatchObject([{ pk: given.pk, answer: 'Nothing', creator: 'reader' }]);
		for (const trigger of [added, mine, changed, other]) expect(await poll(trigger)).toEqual([]);
		await new Promise((passed) => setTimeout(passed, 1100));
		await as('reader', `reader-studies/answers/${String(given.pk)}/`, 'PATCH', { answer: 'A nodule' });
		expect(await poll(changed)).toMatchObject([{ pk: given.pk, answer: 'A nodule' }]);
		for (const trigger of [added, changed]) expect(await poll(trigger)).toEqual([]);
	});

	it('a reader has finished a study, and again when there are more cases', async () => {
		const study = { readerStudy: id('shuffled-study') };
		const [named, anybody] = [await started('readerFinished', { ...study, readers: 'reader, reader2' }), await started('readerFinished', { ...study, readers: '' })];
		for (let number = 1; number <= 8; number++) {
			expect(await poll(named)).toEqual([]);
			await answer('reader', true, `shuffled${number}`, 'old');
		}
		for (const trigger of [named, anybody]) expect(await poll(trigger)).toMatchObject([{ reader: 'reader', answered: 8, unanswered: 0, finished: true }]);
		const set = await as('main', 'reader-studies/display-sets/', 'POST', { reader_study: 'shuffled-study', title: 'Person 9' });
		expect(await poll(named)).toEqual([]);
		await as('reader', 'reader-studies/answers/', 'POST', { answer: false, display_set: set.api_url ?? `/api/v1/reader-studies/display-sets/${String(set.pk)}/`, question: world.state.questions.old?.api_url });
		expect(await poll(named)).toMatchObject([{ reader: 'reader', answered: 9 }]);
		expect(await poll(named)).toEqual([]);
	});

	it('a submission is evaluated, is ranked, and moves others down', async () => {
		const phase = world.state.phases.preliminary?.pk ?? '';
		const byPk = { filters: { phase } };
		const bySlug = { filters: { challenge: id('nodules26'), phase: 'preliminary-test-phase' } };
		await world.sandbox.setClock({ mode: 'manual' });
		const organizer = { credentials: world.credentials({ token: world.sandbox.tokens.organizer }) };
		const started = async (event: string, parameters: INodeParameters) => {
			const trigger = activate(event, parameters, organizer);
			expect(await poll(trigger)).toEqual([]);
			return trigger;
		};
		const [added, addedToo] = [await started('evaluationAdded', byPk), await started('evaluationAdded', bySlug)];
		const [finished, finishedToo] = [await started('evaluationFinished', byPk), await started('evaluationFinished', bySlug)];
		const ranked = await started('rankChanged', byPk);
		const { pk } = await world.sandbox.submit({ phase: 'preliminary', metrics: { aggregates: { dice: 0.99, recall: 0.99 } } });
		for (const trigger of [added, addedToo]) expect(pks(await poll(trigger))).toEqual([pk]);
		for (const trigger of [finished, finishedToo]) expect(await poll(trigger)).toEqual([]);
		await world.sandbox.settle();
		for (const trigger of [finished, finishedToo]) expect(await poll(trigger)).toMatchObject([{ pk, status: 'Succeeded' }]);
		expect(await poll(ranked)).toEqual([]);
		expect(pks(await poll(ranked))).toContain(pk);
		for (const trigger of [added, addedToo, finished, finishedToo, ranked]) expect(await poll(trigger)).toEqual([]);
	});

	it('an evaluation waits to be claimed', async () => {
		const trigger = await started('claimableEvaluation');
		const { pk } = await world.sandbox.submit({ phase: 'external' });
		expect(await poll(trigger)).toMatchObject([{ pk, status: 'Queued', container_url: expect.any(String) as string }]);
		expect(await poll(trigger)).toEqual([]);
	});

	it('an archive has a new image', async () => {
		const trigger = await started('imageAdded', { imagesOf: 'archive', ...incoming });
		await setValues(await addItem('Case 1'), [{ interface: 'ct-image', image: world.state.images.lung1?.api_url }]);
		expect(await poll(trigger)).toMatchObject([{ pk: world.state.images.lung1?.pk }]);
		expect(await poll(trigger)).toEqual([]);
	});
});

describe('events that people bring about on the site', () => {
	it('a container image has been imported, well or not', async () => {
		await world.sandbox.setClock({ mode: 'manual' });
		const algorithm = { algorithm: id('lung-volume-above-threshold') };
		const [any, failed] = [await started('containerImageImported', algorithm), await started('containerImageImported', { ...algorithm, options: { statuses: ['Failed'] } })];
		const good = await world.sandbox.addContainer({ algorithm: 'threshold' });
		const bad = await world.sandbox.addContainer({ algorithm: 'threshold', ends: 'Failed' });
		expect([await poll(any), await poll(failed)]).toEqual([[], []]);
		await world.sandbox.settle();
		expect(pks(await poll(any)).sort()).toEqual([good.pk, bad.pk].sort());
		expect(await poll(failed)).toMatchObject([{ pk: bad.pk, import_status: 'Failed' }]);
		expect([await poll(any), await poll(failed)]).toEqual([[], []]);
	});

	it('a challenge has got another title, and closes', async () => {
		const [one, all] = [await started('challengeChanged', { challenge: id('nodules26') }), await started('challengeChanged', { challenge: id('') })];
		await world.sandbox.changeChallenge({ challenge: 'phantoms24', title: 'Phantoms, Once More' });
		expect(await poll(one)).toEqual([]);
		expect(await poll(all)).toMatchObject([{ slug: 'phantoms24', title: 'Phantoms, Once More' }]);
		await world.sandbox.changeChallenge({ challenge: 'nodules26', status: 'CLOSED' });
		for (const trigger of [one, all]) expect(await poll(trigger)).toMatchObject([{ slug: 'nodules26', status: 'CLOSED' }]);
		for (const trigger of [one, all]) expect(await poll(trigger)).toEqual([]);
	});
});

const everything = { startFrom: 'everything' };

describe('where it starts from', () => {
	const lung = { archive: id('lung-phantoms') };

	it('gives everything that there is once, where that is wanted, in parts', async () => {
		const trigger = activate('archiveItemAdded', { ...lung, ...everything, options: { mostItems: 3 } });
		const [first, second, third] = [await poll(trigger), await poll(trigger), await poll(trigger)];
		expect([first.length, second.length, third.length]).toEqual([3, 1, 0]);
		expect(new Set(pks([...first, ...second])).size).toBe(4);
	});

	it('gives container images and challenges too', async () => {
		const images = await poll(activate('containerImageImported', { ...everything, algorithm: id('lung-volume-above-threshold') }));
		expect(images).toMatchObject([{ import_status: 'Completed', algorithm: world.state.algorithms.threshold?.pk }]);
		const challenges = await poll(activate('challengeChanged', { ...everything, challenge: id('') }));
		expect(challenges.map(({ slug }) => slug)).toEqual(expect.arrayContaining(['nodules26', 'hidden26', 'phantoms24']));
		expect(await poll(activate('challengeChanged', { ...everything, challenge: id('nodules26') }))).toMatchObject([{ slug: 'nodules26' }]);
	});

	it('gives what has happened since a date', async () => {
		const study = { readerStudy: id('nodule-reading'), startFrom: 'date' };
		const since = async (startDate: string) => (await poll(activate('answerAdded', { ...study, startDate }))).length;
		expect(await since('2100-01-01')).toBe(0);
		const all = await since('2000-01-01T00:00:00+02:00');
		expect(all).toBeGreaterThan(5);
		expect(await poll(activate('answerAdded', { ...study, startFrom: 'everything' }))).toHaveLength(all);
	});

	it('begins anew with other filters, and only then', async () => {
		const before = activate('archiveItemAdded', { ...lung, ...everything });
		expect(await poll(before)).toHaveLength(4);
		const memory = before.memory();
		expect(await poll(activate('archiveItemAdded', { ...lung, ...everything, simplify: false, options: { mostItems: 7 } }, { memory }))).toEqual([]);
		expect(await poll(activate('archiveItemAdded', { ...incoming, ...everything }, { memory }))).toEqual([]);
		expect(await poll(activate('archiveItemAdded', { ...lung, ...everything, options: { sockets: 'ct-image' } }, { memory }))).toHaveLength(4);
	});

	it('goes on where it was saved: what happened meanwhile comes, what was told does not', async () => {
		const trigger = await started('archiveItemAdded', incoming);
		const first = await addItem('Case 1');
		expect(pks(await poll(trigger))).toEqual([first.pk]);
		const memory = trigger.memory();
		const second = await addItem('Case 2');
		expect(pks(await poll(activate('archiveItemAdded', incoming, { memory, activation: 'init' })))).toEqual([second.pk]);
	});
});

describe('a trial in the editor', () => {
	const trial = (event: string, parameters: INodeParameters) => activate(event, parameters, { mode: 'manual', activation: 'manual' });

	it('shows some of what there is, the newest first, and remembers nothing', async () => {
		const trigger = trial('answerAdded', { readerStudy: id('nodule-reading') });
		const items = await poll(trigger);
		expect(items).toHaveLength(3);
		const dates = items.map(({ created }) => String(created));
		expect(dates).toEqual([...dates].sort().reverse());
		expect(await poll(trigger)).toEqual(items);
		expect(trigger.memory()).toEqual({});
	});

	it('says why there is nothing', async () => {
		await expect(trial('archiveItemAdded', incoming).poll()).rejects.toMatchObject({
			message: 'There are no archive items to show yet',
			description: 'Or this account may not see them. The published workflow starts as soon as there are some',
		});
	});

	it('gives rows as the platform does, without Simplify', async () => {
		const [item] = await poll(trial('archiveItemAdded', { archive: id('lung-phantoms'), simplify: false }));
		expect(Object.keys(item ?? {})).toEqual(expect.arrayContaining(['hanging_protocol', 'view_content']));
	});
});

describe('when something is wrong', () => {
	const away = { match: { origin: 'api' as const }, times: -1, action: { status: 503, headers: { 'retry-after': '0' } } };

	it('lives through a first poll without an answer, and misses nothing that has a date', async () => {
		const study = { readerStudy: id('practice-study') };
		for (const activation of ['init', 'activate'] as const) {
			await world.sandbox.addFaults(away);
			const trigger = activate('answerAdded', study, { activation });
			expect(await poll(trigger)).toEqual([]);
			await world.sandbox.clearFaults();
			const given = await answer('reader', 'Something', activation === 'init' ? 'practice2' : 'practice3');
			expect(pks(await poll(trigger))).toEqual([given.pk]);
			expect(await poll(trigger)).toEqual([]);
		}
	});

	it('tells of a later poll without an answer, with what n8n needs to wait, and goes on', async () => {
		const trigger = await started('archiveItemAdded', incoming);
		await world.sandbox.addFaults({ ...away, action: { status: 503, headers: { 'retry-after': '3000' } } });
		const item = await addItem('Case 1').catch(() => undefined);
		expect(item).toBeUndefined();
		await expect(trigger.poll()).rejects.toMatchObject({ httpCode: '503', failure: { cause: 'temporarily-unavailable', retryAfterMs: 3_000_000 } });
		await world.sandbox.clearFaults();
		const added = await addItem('Case 1');
		expect(pks(await poll(trigger))).toEqual([added.pk]);
	});

	it.each([
		['a token that is not accepted', incoming, { token: '0'.repeat(64) }, 'credential-invalid'],
		['an archive that is not there', { archive: id('0d11fc7b-c63f-4fd7-b80b-51d2e21492c0') }, {}, 'configuration-invalid'],
	])('stops at %s, at once', async (_what, parameters, credential, cause) => {
		const trigger = activate('archiveItemAdded', parameters, { credentials: world.credentials(credential), activation: 'init' });
		await expect(trigger.poll()).rejects.toMatchObject({ name: 'NodeApiError', failure: { cause } });
	});

	it.each([
		[{ startFrom: 'date', startDate: 'soon' }, "'Start Date' is 'soon', which is no date"],
		[{ startFrom: 'later' }, "'Start From' is 'later'"],
		[{ options: { mostItems: 0 } }, "'Most Items at Once' is 0"],
	])('says what is wrong with %j', async (parameters, message) => {
		await expect(activate('answerAdded', { readerStudy: id('practice-study'), ...parameters }).poll()).rejects.toMatchObject({ message });
	});

	it('says what a phase needs', async () => {
		await expect(activate('evaluationAdded', { filters: {} }).poll()).rejects.toMatchObject({ message: "Neither 'Challenge' nor 'Phase' is given" });
		await expect(activate('rankChanged', { filters: { challenge: id('nodules26'), phase: 'preliminary' } }).poll()).rejects.toMatchObject({
			message: "'Phase' needs the ID of the phase for this event",
		});
	});

	it('keeps to the time that n8n gives', async () => {
		const trigger = activate('archiveItemAdded', incoming, { budgetMs: 300 });
		await poll(trigger);
		await world.sandbox.addFaults({ match: { origin: 'api' }, action: { delay: 5000 } });
		await expect(trigger.poll()).rejects.toMatchObject({ message: 'Grand Challenge took too long to list what there is' });
	});

	it('never polls twice at the same time', async () => {
		const trigger = await started('archiveItemAdded', incoming);
		const item = await addItem('Case 1');
		const both = await Promise.all([poll(trigger), poll(trigger)]);
		expect(both.map(pks)).toEqual([[item.pk], []]);
	});
});

describe('what a poll costs', () => {
	it.each([
		['large-registry', 1234, 3],
		['incoming-cases', 5000, 6],
	])('%s: %i items take %i requests, and eight characters each', async (archive, count, requests) => {
		if (archive === 'incoming-cases') await world.sandbox.addItems({ archive: 'empty', count });
		const trigger = await started('archiveItemAdded', { archive: id(archive) });
		await world.sandbox.clearRequests();
		expect(await poll(trigger)).toEqual([]);
		expect((await world.requests()).length).toBe(requests);
		expect(JSON.stringify(trigger.memory()).length).toBeLessThan(count * 8 + 300);
	});
});

describe('description', () => {
	const properties = () => world.n8n.nodeType.description.properties;

	it('offers a date to start from just where the platform tells dates', async () => {
		const dates = properties().find(({ name }) => name === 'startDate')?.displayOptions?.show?.event;
		expect(dates).toEqual(['answerAdded', 'answerChanged', 'challengeChanged', 'claimableEvaluation', 'containerImageImported', 'evaluationAdded', 'evaluationFinished']);
	});

	it('names fifteen events, in order', () => {
		const [events] = properties().filter(({ name }) => name === 'event');
		const names = (events?.options ?? []).map(({ name }) => name);
		expect(names).toHaveLength(15);
		expect(names).toEqual([...names].sort());
	});
});
