/** The house: rooms on the left, one of them on the right; on a phone, one at a time. */
import { useMemo, useRef, useState } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { strings } from '../app/strings';
import { Commands } from '../chat/commands';
import { Escapes } from '../chat/escapes';
import { Announcer } from '../components/messages/Announcer';
import { ConnectionBar } from '../components/presence/ConnectionBar';
import { RoomSkeleton } from '../components/rooms/RoomSkeleton';
import { Sidebar } from '../components/rooms/Sidebar';
import { useSignOut } from '../components/session/useSignOut';
import { Overlays } from '../components/shell/Overlays';
import { RoomBoundary } from '../components/shell/RoomBoundary';
import { NotHere } from '../components/ui/NotHere';
import { Skeleton } from '../components/ui/Skeleton';
import { Trouble } from '../components/ui/Trouble';
import { useBell } from '../hooks/useBell';
import { useChat, useWatched } from '../hooks/useChat';
import { useKeyboard } from '../hooks/useKeyboard';
import { useLiveness } from '../hooks/useLiveness';
import { useScreenKeyboard } from '../hooks/useScreenKeyboard';
import { type Overlay, type Shell, ShellContext, useShell } from '../hooks/useShell';
import { useShellCommands } from '../hooks/useShellCommands';
import { useTask } from '../hooks/useTask';
import { useBadge, useTitle } from '../hooks/useTitle';
import { BrowsePage } from './BrowsePage';
import styles from './ChatPage.module.css';
import { HomePage } from './HomePage';
import { OperatorDoor } from './OperatorDoor';
import { RoomPage } from './RoomPage';

interface Props {
  onSignOut: () => Promise<void>;
}

export function ChatPage({ onSignOut }: Props) {
  const [shown, setShown] = useState<Overlay>();
  const opener = useRef<Element>(null);
  const now = useRef(shown);
  now.current = shown;
  const shell = useMemo<Shell>(() => {
    function show(overlay: Overlay | undefined) {
      if (overlay) opener.current = whoOpens(document.activeElement);
      setShown(overlay);
    }
    return { commands: new Commands(), escapes: new Escapes(), show };
  }, []);
  return (
    <ShellContext value={shell}>
      <House onSignOut={onSignOut} />
      <Overlays
        shown={shown}
        onClose={() => setShown(undefined)}
        // What was opened meanwhile has the focus and keeps it.
        returnTo={() => now.current === undefined && placeFor(opener.current)}
      />
    </ShellContext>
  );
}

function House({ onSignOut }: Props) {
  const [path] = useLocation();
  const shell = useShell();
  const { run } = useTask();
  const [signOut, unsentQuestion] = useSignOut(onSignOut);
  const known = useWatched('rooms', (chat) => chat.roomsKnown);
  useLiveness();
  useBell();
  useBadge();
  useKeyboard(shell);
  useScreenKeyboard();
  useShellCommands(shell, () => void run(signOut));
  // The same element for every address in a room, so that going on in it does not open it again.
  const inRoom = ({ roomId, messageId }: { roomId: string; messageId?: string }) =>
    known ? (
      <RoomBoundary key={roomId}>
        <RoomPage roomId={roomId} messageId={messageId} />
      </RoomBoundary>
    ) : (
      <Opening of="room" />
    );
  return (
    <div className={styles.shell} data-pane={path === '/' ? 'rooms' : 'room'}>
      <Sidebar onSignOut={signOut} />
      <main className={styles.main}>
        <Switch>
          <Route path="/r/:roomId">{inRoom}</Route>
          <Route path="/r/:roomId/m/:messageId">{inRoom}</Route>
          <Route path="/browse" component={BrowsePage} />
          <Route path="/admin/*?" component={OperatorDoor} />
          <Route path="/">{known ? <HomePage /> : <Opening of="home" />}</Route>
          <Route path="/login">
            <Redirect to="/" replace />
          </Route>
          <Route path="/register">
            <Redirect to="/" replace />
          </Route>
          <Route>
            <NotHere title={strings.failures.noPage} hint={strings.failures.noPageHint} />
          </Route>
        </Switch>
      </main>
      <div className={styles.notice}>
        <ConnectionBar />
      </div>
      <Announcer />
      {unsentQuestion}
    </div>
  );
}

/** A menu is gone by the time that what it opened is closed; its button is not. */
function whoOpens(active: Element | null): Element | null {
  const menu = active?.closest('[role="menu"]');
  return menu ? document.querySelector(`[aria-controls="${CSS.escape(menu.id)}"]`) : active;
}

/** Back to who had the focus, or to where one begins in the room that is open now. */
function placeFor(opener: Element | null): HTMLElement | null {
  if (opener instanceof HTMLElement && opener.isConnected && opener !== document.body) return opener;
  return document.getElementById('composer') ?? document.querySelector('h1');
}

/** Until the list of rooms is known, and when it could not be. */
function Opening({ of }: { of: 'room' | 'home' }) {
  const chat = useChat();
  const failure = useWatched('rooms', () => chat.roomsFailure);
  useTitle(undefined);
  if (failure) {
    return (
      <section className={styles.trouble}>
        <Trouble what={strings.rooms.failed} failure={failure} onRetry={() => void chat.loadRooms()} />
      </section>
    );
  }
  return of === 'room' ? <RoomSkeleton /> : <Skeleton shape="page" />;
}
