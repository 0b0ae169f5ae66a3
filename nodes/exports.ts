/** What a program gets from this package: the classes that n8n loads, and the client they stand on. */
export { GrandChallengeApi } from '../credentials/GrandChallengeApi.credentials';
export { GrandChallenge } from './GrandChallenge/GrandChallenge.node';
export { GrandChallengeTrigger } from './GrandChallengeTrigger/GrandChallengeTrigger.node';
export * as client from '../client';
