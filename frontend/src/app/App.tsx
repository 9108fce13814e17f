/** Decides between the door and the house. */
import { CSPProvider } from '@base-ui/react/csp-provider';
import { DirectionProvider } from '@base-ui/react/direction-provider';
import { useCallback, useSyncExternalStore } from 'react';
import { Tips } from '../components/ui/Tips';
import { Later, useFetchedAtRest, usePart } from '../hooks/later';
import { DoorPage } from '../pages/DoorPage';
import { UnreachablePage } from '../pages/UnreachablePage';
import { toasting } from '../services/toasting';
import type { HouseProps } from './House';
import { speech } from './language';
import type { Session } from './session';

const house = new Later<HouseProps>(() => import('./House'));
const toasts = new Later(() => import('../components/ui/Toasts'));

export function App({ session }: { session: Session }) {
  const state = useSyncExternalStore(session.subscribe, session.state);
  const language = useSyncExternalStore(speech.subscribe, speech.now);
  const someSaid = useSyncExternalStore(toasting.subscribe, toasting.needed);
  const House = usePart(house, state.phase === 'in');
  const Toasts = usePart(toasts, someSaid);
  const checkAgain = useCallback(() => void session.check(), [session]);
  useFetchedAtRest();
  return (
    // In another language everything is said anew.
    <CSPProvider key={language} disableStyleElements>
      <DirectionProvider direction={speech.direction}>
        {state.phase === 'out' && <DoorPage session={session} {...state} />}
        {state.phase === 'unreachable' && <UnreachablePage failure={state.failure} onRetry={checkAgain} />}
        {state.phase === 'in' && House && <House session={session} chat={state.chat} ended={state.ended} />}
        {Toasts && someSaid && <Toasts />}
        <Tips />
      </DirectionProvider>
    </CSPProvider>
  );
}
