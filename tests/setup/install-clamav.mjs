import { installPackage } from './install-package.mjs';

/** Installs Debian's clamav-daemon. No signatures are fetched: a test gives clamd its own. */
export function installClamav() {
  installPackage('clamd', 'clamav-daemon', 'with a virus scanner');
}
