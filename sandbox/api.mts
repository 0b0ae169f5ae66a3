import type { FastifyInstance } from 'fastify';

import { keepRawBodies } from './body.mts';
import type { Platform } from './platform.mts';
import type { RequestLog } from './requestLog.mts';
import { accountRoutes } from './routes/account.mts';
import { algorithmRoutes } from './routes/algorithms.mts';
import { answerRoutes } from './routes/answers.mts';
import { archiveRoutes } from './routes/archives.mts';
import { challengeRoutes } from './routes/challenges.mts';
import { displaySetRoutes } from './routes/displaySets.mts';
import { endpointRoutes } from './routes/endpoints.mts';
import { evaluationRoutes } from './routes/evaluations.mts';
import { imageRoutes } from './routes/images.mts';
import { inboxRoutes } from './routes/inbox.mts';
import { itemRoutes } from './routes/items.mts';
import { jobRoutes } from './routes/jobs.mts';
import { mediaRoutes } from './routes/media.mts';
import { questionRoutes } from './routes/questions.mts';
import { readerStudyRoutes } from './routes/readerStudies.mts';
import { sessionRoutes } from './routes/sessions.mts';
import { socketRoutes } from './routes/sockets.mts';
import { uploadRoutes } from './routes/uploads.mts';
import { workstationRoutes } from './routes/workstations.mts';
import { sendHtml } from './view.mts';

/** All resources of the API. A new one is a file in routes/ and a line here. */
const resources: Array<(app: FastifyInstance, platform: Platform) => void> = [
	accountRoutes,
	algorithmRoutes,
	jobRoutes,
	endpointRoutes,
	archiveRoutes,
	itemRoutes,
	imageRoutes,
	sessionRoutes,
	socketRoutes,
	uploadRoutes,
	readerStudyRoutes,
	questionRoutes,
	displaySetRoutes,
	answerRoutes,
	challengeRoutes,
	evaluationRoutes,
	inboxRoutes,
	workstationRoutes,
	mediaRoutes,
];

/** Largest request body (nginx), in bytes. */
export const largestBody = 16 * 1024 ** 2;

/** The API and media origin. */
export const apiOrigin = (app: FastifyInstance, platform: Platform, log: RequestLog): void => {
	keepRawBodies(app, log);
	app.addHook('onRequest', async (request, reply) => {
		if (!platform.settings.allowHttp && request.protocol === 'http') {
			await reply
				.code(301)
				.header('location', `https://${request.headers.host ?? ''}${request.url}`)
				.header('content-type', 'text/html')
				.send(Buffer.alloc(0));
		}
	});
	for (const register of resources) register(app, platform);
	app.setNotFoundHandler((_request, reply) => sendHtml(reply, 404));
	app.setErrorHandler((error, _request, reply) => sendHtml(reply, statusOf(error)));
};

const statusOf = (error: unknown): number => {
	const status = typeof error === 'object' && error !== null && 'statusCode' in error ? Number(error.statusCode) : 500;
	// Only the proxy's own refusals keep their status; everything else is the server's fault.
	return status === 413 || status === 400 ? status : 500;
};
