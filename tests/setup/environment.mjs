import { TestEnvironment } from 'jest-environment-node';

/** Node's environment, which also knows whether a test of the file failed: the database of a failed file is kept. */
export default class MusterEnvironment extends TestEnvironment {
  handleTestEvent(event) {
    const isFailure =
      event.name === 'test_fn_failure' ||
      event.name === 'hook_failure' ||
      (event.name === 'test_done' && event.test.errors.length > 0);
    if (isFailure) this.global.musterTestFailed = true;
  }
}
