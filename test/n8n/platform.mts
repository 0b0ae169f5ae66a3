import type { SpawnedSandbox } from '../../sandbox/client.mts';
import { jsonOf } from './http.mts';

/** The platform's own account of things, asked of its API as any program would. */
export interface PlatformValue {
	pk: number;
	value: unknown;
	file: string | null;
	image: string | null;
	interface: { slug: string; relative_path: string };
}

export interface PlatformItem {
	pk: string;
	title: string;
	values: PlatformValue[];
}

export interface PlatformJob {
	pk: string;
	status: string;
	inputs: PlatformValue[];
	outputs: PlatformValue[];
}

/** Calls the sandbox's API as its main user. */
export const platform =
	({ origins, tokens }: SpawnedSandbox) =>
	async <Result,>(method: string, path: string, body?: unknown): Promise<Result> => {
		const answer = await fetch(`${origins.api}/api/v1/${path}`, {
			method,
			headers: { authorization: `Bearer ${tokens.main}`, 'content-type': 'application/json' },
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${await answer.text()}`);
		return jsonOf<Result>(answer);
	};

/** A file that must be on the disk. */
export interface ExpectedFile {
	/** As the examples name it: the path with `__` in place of `/`. */
	name: string;
	/** Bytes of a file or image, or the value itself. */
	content: { bytes: Buffer } | { value: unknown };
}

/** What the files of some values must be, from what the sandbox stores and its API tells. */
export const expectedFiles = (
	sandbox: SpawnedSandbox,
	casePk: string,
	values: PlatformValue[],
): Promise<ExpectedFile[]> =>
	Promise.all(
		values.map(async ({ pk, value, file, image, interface: socket }) => {
			const path = `${casePk}/${socket.relative_path}`;
			if (file === null && image === null) return { name: flat(path), content: { value } };
			const stored = await sandbox.file(pk);
			return { name: flat(image === null ? path : `${path}/${stored.name}`), content: { bytes: stored.bytes } };
		}),
	);

/** The files of the items that the archive `lung` has from the start. */
export const filesOfLungArchive = async (sandbox: SpawnedSandbox): Promise<ExpectedFile[]> => {
	const { items } = await sandbox.state();
	const files = ['lung1', 'lung2', 'lung3', 'lung4'].map(async (name) => {
		const { pk, values } = await platform(sandbox)<PlatformItem>('GET', `archives/items/${items[name]?.pk}/`);
		return expectedFiles(sandbox, pk, values);
	});
	return (await Promise.all(files)).flat();
};

const flat = (path: string) => path.replaceAll('/', '__');
