/** For those who come to the operator's page and are no operators. */
import { strings } from '../../app/strings';
import { useTitle } from '../../hooks/useTitle';
import { NotHere } from '../ui/NotHere';

export function NotForYou() {
  useTitle(strings.operator.title);
  return <NotHere title={strings.operator.notForYou} hint={strings.operator.notForYouHint} />;
}
