// As little as any node can do to make a case of files: the requests that the platform wants, through n8n's helpers. No checksum, no
// retry, no limit of memory, nothing is checked.
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

/** Where the files go. */
export interface Place {
	/** The API's origin. */
	api: string;
	token: string;
	archive: string;
	socket: string;
	/** Files at the same time. */
	connections: number;
}

/** What it needs of them. */
interface Answer {
	pk: string;
	s3_upload_id: string;
	presigned_urls: Record<string, string>;
	api_url: string;
	results: Array<{ api_url: string }>;
}

/** @returns what a node of n8n does with the file of each item, in `data`; each has to fit into one part */
export const bareUpload = ({ api, token, archive, socket, connections }: Place) =>
	async function (this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const call = async (method: 'GET' | 'POST' | 'PATCH', path: string, body?: object) => {
			const answer: unknown = await this.helpers.httpRequest({ method, url: `${api}/api/v1/${path}`, headers: { Authorization: `Bearer ${token}` }, json: true, ...(body && { body }) });
			return answer as Answer;
		};
		const count = this.getInputData().length;
		const uploads: string[] = [];
		let next = 0;
		const sendSome = async () => {
			for (let i = next++; i < count; i = next++) {
				const { pk, s3_upload_id } = await call('POST', 'uploads/', { filename: `${i}.mha` });
				const upload = `uploads/${pk}/${s3_upload_id}/`;
				const { presigned_urls } = await call('PATCH', `${upload}generate-presigned-urls/`, { part_numbers: [1] });
				const body = await this.helpers.getBinaryDataBuffer(i, 'data');
				const sent: unknown = await this.helpers.httpRequest({ method: 'PUT', url: presigned_urls['1'] ?? '', headers: { 'Content-Type': 'application/octet-stream' }, body, returnFullResponse: true });
				const { headers } = sent as { headers: { etag: string } };
				const done = await call('PATCH', `${upload}complete-multipart-upload/`, { parts: [{ ETag: headers.etag, PartNumber: 1 }] });
				uploads.push(done.api_url);
			}
		};
		await Promise.all(Array.from({ length: connections }, sendSome));
		const { results } = await call('GET', `archives/?slug=${archive}`);
		const item = await call('POST', 'archives/items/', { archive: results[0]?.api_url, values: [] });
		await call('PATCH', `archives/items/${item.pk}/`, { values: [{ interface: socket, user_uploads: uploads }] });
		return [[{ json: {} }]];
	};
