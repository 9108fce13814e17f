/** Decides between the door and the house. */
import { CSPProvider } from '@base-ui/react/csp-provider';
import { DirectionProvider } from '@base-ui/react/direction-provider';
import { Toast } from '@base-ui/react/toast';
import { Tooltip } from '@base-ui/react/tooltip';
import { useSyncExternalStore } from 'react';
import { SignInAgain } from '../components/session/SignInAgain';
import { Toasts } from '../components/ui/Toasts';
import { ChatContext } from '../hooks/useChat';
import { ChatPage } from '../pages/ChatPage';
import { DoorPage } from '../pages/DoorPage';
import { UnreachablePage } from '../pages/UnreachablePage';
import { speech } from './language';
import type { Session } from './session';

export function App({ session }: { session: Session }) {
  const state = useSyncExternalStore(session.subscribe, session.state);
  const language = useSyncExternalStore(speech.subscribe, speech.now);
  return (
    // In another language everything is said anew.
    <CSPProvider key={language} disableStyleElements>
      <DirectionProvider direction={speech.direction}>
        <Tooltip.Provider delay={500}>
          <Toast.Provider>
            {state.phase === 'out' && <DoorPage session={session} expired={state.expired} />}
            {state.phase === 'unreachable' && <UnreachablePage onRetry={() => void session.check()} />}
            {state.phase === 'in' && (
              <ChatContext value={state.chat}>
                <ChatPage key={state.chat.me.id} onSignOut={() => session.logOut()} />
                {state.ended && (
                  <SignInAgain
                    onLogIn={(password) => session.logInAgain(password)}
                    onSignOut={() => session.logOut()}
                  />
                )}
              </ChatContext>
            )}
            <Toasts />
          </Toast.Provider>
        </Tooltip.Provider>
      </DirectionProvider>
    </CSPProvider>
  );
}
