import type { FastifyInstance } from 'fastify';

import { canViewImage, canViewValue, type Asker } from '../access.mts';
import { authenticateMedia } from '../auth.mts';
import { HtmlError } from '../errors.mts';
import { containerPath, imageFilePath, modelPath, valueFilePath } from '../links.mts';
import type { Platform } from '../platform.mts';
import { sign } from '../signatures.mts';
import type { StoredFile } from '../store.mts';
import { sendError } from '../view.mts';

/** Protected files: who may read one is sent on to a signed URL of the download origin. Errors are HTML. */
export const mediaRoutes = (app: FastifyInstance, platform: Platform): void => {
	app.all('/media/*', (request, reply) => {
		try {
			if (!['GET', 'HEAD'].includes(request.method)) throw new HtmlError(405);
			const path = request.url.split('?')[0] ?? '';
			const user = authenticateMedia(platform, request.headers.authorization);
			const file = locate(platform, user, path);
			return reply
				.code(302)
				.header('location', signedDownload(platform, path, file))
				.header('content-type', 'text/html; charset=utf-8')
				.send(Buffer.alloc(0));
		} catch (error) {
			return sendError(reply, error);
		}
	});
};

const locate = (platform: Platform, user: Asker, path: string): StoredFile => {
	const { store } = platform;
	const [, , kind, ...rest] = path.split('/');
	if (kind === 'images') {
		const image = store.images.get(rest[2] ?? '');
		const file = image?.files.find((candidate) => imageFilePath(image, candidate) === path);
		if (image === undefined || file === undefined) throw new HtmlError(404);
		if (!canViewImage(platform, user, image)) throw new HtmlError(403);
		return file.file;
	}
	if (kind === 'components') {
		const value = store.values.get(Number(rest[3]));
		if (value?.file === undefined || valueFilePath(value) !== path || !canViewValue(platform, user, value))
			throw new HtmlError(404);
		return value.file;
	}
	if (kind === 'docker') {
		const container = store.algorithmImages.get(rest[3] ?? '');
		if (container?.file === undefined || container.file === null || containerPath(container) !== path)
			throw new HtmlError(404);
		if (user === null || !container.downloaders.has(user.id)) throw new HtmlError(403);
		return container.file;
	}
	if (kind === 'models') {
		const model = store.algorithmModels.get(rest[2] ?? '');
		if (model === undefined || modelPath(model) !== path) throw new HtmlError(404);
		if (user === null || !model.downloaders.has(user.id)) throw new HtmlError(403);
		return model.file;
	}
	// Submission files need a browser session; a token gets 403.
	throw new HtmlError(kind === 'evaluation' || kind === 'evaluation-supplementary' ? 403 : 404);
};

/** URL of the download origin, valid for as long as the settings say. */
const signedDownload = (platform: Platform, path: string, file: StoredFile): string => {
	const expires = String(Math.floor(platform.clock.wall() / 1000) + platform.settings.urlLifetimeSeconds);
	const target = path.replace(/^\/media\//u, '/protected/');
	platform.downloads.set(target, file);
	const query = new URLSearchParams({
		Expires: expires,
		Signature: sign(platform.secret, target, expires),
		'Key-Pair-Id': 'SANDBOXKEYPAIR',
	});
	return `${platform.origins.download}${target}?${query.toString()}`;
};
