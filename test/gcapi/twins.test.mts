// Every recipe of gcapi's documentation, and the same with our node: what the platform stores in the end, and what was read, must be
// the same. Runs where there is a Python for gcapi.
import { join } from 'node:path';
import { isObject, type Json } from '../../sandbox/json.mts';
import { useWorld } from '../core/fixtures/world.mts';
import { makeBinaryFromFile } from '../core/support/harness.mts';
import { shortenTime, type ShortTime } from '../faults/support/time.mts';
import { findPython, startGcapi, type Gcapi } from './client.mts';
import { differences, twins, withoutTwin, type Workflow } from './twins.mts';

const python = findPython();
if (python === undefined) console.log('Skipped: there is no Python 3.10 or later that can make virtual environments');

// The server that the newest gcapi was made for. A day, after which claims are void, still takes some seconds.
const world = useWorld({ https: true, drift: 'C', speed: 10_000 });
let gcapi: Gcapi;
let time: ShortTime;
beforeAll(async () => {
	if (python !== undefined) gcapi = await startGcapi(python, world.sandbox);
	time = shortenTime();
});
afterAll(async () => {
	time.end();
	await gcapi?.stop();
});

const workflow = async (): Promise<Workflow> => ({
	seed: await world.sandbox.reset(),
	node: async (operation, parameters = {}, { items, user = 'main' } = {}) => {
		const credentials = world.credentials({ token: world.sandbox.tokens[user], allowHttp: false, ignoreSslIssues: true });
		const result = await world.run(operation, parameters, { credentials, ...(items ? { items } : {}) });
		if (result.error) throw new Error(`${operation}: ${result.error.message} (${result.error.description ?? ''})`);
		return result.items;
	},
	file: async (name) => makeBinaryFromFile(join(gcapi.files, name)),
	addFault: (rule) => world.sandbox.addFaults(rule),
});

const UUID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g;

/** The models of gcapi (they have a pk) leave out what they do not know, and write times and decimals in their own way. */
const plain = (value: Json | undefined, like: Json): Json => {
	if (typeof like === 'number' && typeof value === 'string') return Number(value);
	if (isObject(like) && isObject(value)) {
		const keys = Object.keys('pk' in like ? like : { ...like, ...value });
		return Object.fromEntries(keys.map((key) => [key, plain(value[key], like[key] ?? null)]));
	}
	if (Array.isArray(like) && Array.isArray(value)) return value.map((entry, i) => plain(entry, like[i] ?? null));
	if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)) return new Date(value).toISOString();
	return value ?? null;
};

const stored = async (page: string) => {
	await world.sandbox.settle();
	const text = JSON.stringify(await world.sandbox.dump()).replaceAll(UUID, '<pk>');
	return JSON.parse(text.replaceAll(differences[page]?.text ?? UUID, '"differs":true')) as unknown;
};

const test = python === undefined ? it.skip : it;

test.each(Object.keys(twins))('%s', async (page) => {
	const theirs = await gcapi.run(page);
	const storedByThem = await stored(page);
	const ours = JSON.parse(JSON.stringify((await twins[page]?.(await workflow())) ?? null)) as Json;
	expect(await stored(page)).toEqual(storedByThem);
	expect(plain(ours, theirs)).toEqual(plain(theirs, theirs));
});

test('there is a twin of every recipe, or a reason why not', () => {
	expect([...Object.keys(twins), ...Object.keys(withoutTwin)].sort()).toEqual([...gcapi.recipes].sort());
});
