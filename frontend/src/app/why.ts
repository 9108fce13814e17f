import type { Failure } from '../chat/failure';
import { strings } from './strings';

/** Why something failed, in the language that is spoken; what the server refuses it explains itself. */
export function why(failure: Failure): string {
  const { failures } = strings;
  switch (failure.code) {
    case 'disconnected':
      return failures.disconnected;
    case 'timeout':
      return failures.timeout;
    case 'unavailable':
      return failures.unavailable;
    case 'rate_limited':
      return failures.rateLimited;
    default:
      return failure.message;
  }
}
