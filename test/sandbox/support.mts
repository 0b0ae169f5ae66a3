import { createHash } from 'node:crypto';

import { spawnSandbox, type SpawnedSandbox, type SpawnOptions, type UserName } from '../../sandbox/client.mts';

/** An answer with its body read: as JSON if it is, else as text. */
export interface Reply {
	status: number;
	headers: Headers;
	text: string;
	json: Record<string, unknown>;
}

/** A sandbox with short ways to talk to it. */
export interface Bench extends SpawnedSandbox {
	/** Calls `/api/v1/<path>` as main, as somebody else, or (null) without a token. */
	api(
		method: string,
		path: string,
		options?: { body?: unknown; token?: string | null; headers?: Record<string, string> },
	): Promise<Reply>;
	/** Uploads bytes in one part, as main or somebody else; returns the link of the upload. */
	upload(filename: string, bytes: Uint8Array | string, user?: UserName): Promise<string>;
}

/** Spawns a sandbox for a test file. */
export const bench = async (options: SpawnOptions = {}): Promise<Bench> => {
	const sandbox = await spawnSandbox(options);
	const api: Bench['api'] = async (method, path, { body, token = sandbox.tokens.main, headers = {} } = {}) => {
		const response = await fetch(`${sandbox.origins.api}/api/v1/${path}`, {
			method,
			redirect: 'manual',
			headers: {
				...(token === null ? {} : { authorization: `Bearer ${token}` }),
				...(body === undefined ? {} : { 'content-type': 'application/json' }),
				...headers,
			},
			...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
		});
		const text = await response.text();
		const isJson = response.headers.get('content-type') === 'application/json';
		return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : {} };
	};
	const upload: Bench['upload'] = async (filename, bytes, user = 'main') => {
		const token = sandbox.tokens[user];
		const made = await api('POST', 'uploads/', { token, body: { filename } });
		const base = `uploads/${String(made.json['pk'])}/${String(made.json['s3_upload_id'])}`;
		const signed = await api('PATCH', `${base}/generate-presigned-urls/`, { token, body: { part_numbers: [1] } });
		const put = await fetch(partUrl(signed, 1), { method: 'PUT', body: Buffer.from(bytes) });
		await api('PATCH', `${base}/complete-multipart-upload/`, {
			token,
			body: { parts: [{ ETag: put.headers.get('etag'), PartNumber: 1 }] },
		});
		return String(made.json['api_url']);
	};
	return { ...sandbox, api, upload };
};

/** URL of a part in the answer of generate-presigned-urls. */
export const partUrl = (reply: Reply, part: number): string =>
	String((reply.json['presigned_urls'] as Record<string, string>)[String(part)]);

/** The objects on a page of a list. */
export const resultsOf = (reply: Reply) => reply.json['results'] as Array<Record<string, unknown>>;

/** The pk at the end of a link. */
export const idOf = (link: string): string => link.split('/').at(-2) ?? '';

/** MD5 of bytes in an encoding. */
export const md5 = (bytes: Uint8Array | string, encoding: 'hex' | 'base64'): string =>
	createHash('md5').update(bytes).digest(encoding);

/** A small valid `.mha` of that many voxels per axis, all of one value. */
export const flatMha = (value: number, size = 4): Buffer => {
	const header = `ObjectType = Image\nNDims = 3\nBinaryData = True\nCompressedData = False\nElementSpacing = 1 1 1\nDimSize = ${size} ${size} ${size}\nElementType = MET_SHORT\nElementDataFile = LOCAL\n`;
	return Buffer.concat([Buffer.from(header), Buffer.from(new Int16Array(size ** 3).fill(value).buffer)]);
};
