export { GrandChallengeApi } from './dist/credentials/GrandChallengeApi.credentials';
export { GrandChallenge } from './dist/nodes/GrandChallenge/GrandChallenge.node';
export * as client from './dist/client';
