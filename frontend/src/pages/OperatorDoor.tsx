/** Lets operators in to their page, which is fetched for them only; the server asks again in any case. */
import { strings } from '../app/strings';
import { isOperator } from '../chat/operators';
import { NotForYou } from '../components/operator/NotForYou';
import { Incomplete } from '../components/ui/Incomplete';
import { Skeleton } from '../components/ui/Skeleton';
import { Later, useMissing, usePart } from '../hooks/later';
import { useWatched } from '../hooks/useChat';
import { useTitle } from '../hooks/useTitle';

const operatorPage = new Later(() => import('./OperatorPage'), { atRest: false });

export function OperatorDoor() {
  const allowed = useWatched('me', ({ me }) => isOperator(me));
  return allowed ? <Inside /> : <NotForYou />;
}

function Inside() {
  const Page = usePart(operatorPage, true);
  const missing = useMissing(operatorPage);
  useTitle(strings.operator.title);
  if (Page) return <Page />;
  return missing ? <Incomplete /> : <Skeleton shape="page" />;
}
