// What `npm start` runs. Plain Node.js with nothing but its own modules: on a fresh clone no package is there yet.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, isBuilt } from './build.mjs';
import { install, isInstalled, nodeOf } from './install.mjs';
import { step } from './step.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Muster needs Node.js 20.19 or newer to start; this is ${process.versions.node}.`);
  process.exit(1);
}

try {
  if (!isInstalled(root)) await step('Installing packages', () => install(root));
  if (!isBuilt(root)) await step('Building', () => build(root));
} catch (error) {
  console.error(`Muster cannot start.\n${error.message}`);
  process.exit(1);
}

// The channel tells the launcher when this process is gone, however it went.
const launcher = spawn(nodeOf(root), [join(root, 'dist', 'apps', 'launcher', 'main.js')], {
  cwd: root,
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => launcher.kill(signal));

// A killed npm can't pass its end on. Looked at only under npm: a shell may well end and leave what it started.
const npm = process.ppid;
if (process.env.npm_lifecycle_event) {
  setInterval(() => process.ppid !== npm && launcher.kill('SIGTERM'), 1000).unref();
}

launcher.on('error', (error) => {
  console.error(`Muster cannot start.\n${error.message}`);
  process.exit(1);
});
launcher.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
