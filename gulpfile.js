const { dest, parallel, src } = require('gulp');

// What tsc leaves behind: icons (SVG) and codex files (*.node.json) go to the same place in dist.
const copyInto = (folder) => () =>
	src([`${folder}/**/*.svg`, `${folder}/**/*.node.json`], { encoding: false }).pipe(dest(`dist/${folder}`));

const copyNodes = copyInto('nodes');
const copyCredentials = copyInto('credentials');
copyNodes.displayName = 'copy:nodes';
copyCredentials.displayName = 'copy:credentials';

exports.assets = parallel(copyNodes, copyCredentials);
exports.default = exports.assets;
