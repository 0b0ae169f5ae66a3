// n8n finds its node and credential by package.json; this is for programs. What it exports stands in nodes/exports.ts.
module.exports = require('./dist/nodes/exports');
