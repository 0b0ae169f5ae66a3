// What a program can take from this package: the node and credential classes that n8n loads, and the client they stand on.
const { GrandChallengeApi } = require('./dist/credentials/GrandChallengeApi.credentials');
const { GrandChallenge } = require('./dist/nodes/GrandChallenge/GrandChallenge.node');
const client = require('./dist/client');

module.exports = { GrandChallenge, GrandChallengeApi, client };
