/** The rooms and people of the user, and the doors to others. */
import {
  ChevronDown,
  Compass,
  Gauge,
  Keyboard,
  LogOut,
  MessageSquarePlus,
  Plus,
  Search,
  Settings,
} from 'lucide-react';
import { Link, useLocation } from 'wouter';
import { strings } from '../../app/strings';
import { isOperator } from '../../chat/operators';
import { useChat, useWatched } from '../../hooks/useChat';
import { useShell } from '../../hooks/useShell';
import { useTask } from '../../hooks/useTask';
import { UpdateRow } from '../session/UpdateRow';
import { Keys } from '../shell/Keys';
import { IconButton } from '../ui/IconButton';
import { MenuButton } from '../ui/MenuButton';
import { Skeleton } from '../ui/Skeleton';
import { Trouble } from '../ui/Trouble';
import { FirstSteps } from './FirstSteps';
import { RoomList } from './RoomList';
import { RoomsToJoin } from './RoomsToJoin';
import styles from './Sidebar.module.css';

export function Sidebar({ onSignOut }: { onSignOut: () => Promise<void> }) {
  const chat = useChat();
  const known = useWatched('rooms', () => chat.roomsKnown);
  const failure = useWatched('rooms', () => chat.roomsFailure);
  const empty = useWatched('rooms', () => chat.roomsKnown && chat.rooms.list.length === 0);
  const { show } = useShell();
  const [path] = useLocation();

  return (
    <nav className={styles.sidebar} aria-label={strings.rooms.label} data-region="rooms">
      <div className={styles.head}>
        <Link href="/" className={styles.mark}>
          {strings.product}
        </Link>
        <Link
          href="/browse"
          className={styles.browse}
          aria-label={strings.rooms.browse}
          aria-current={path === '/browse' ? 'page' : undefined}
        >
          <Compass size={16} aria-hidden />
          {strings.rooms.browseShort}
        </Link>
      </div>
      <button type="button" className={styles.find} onClick={() => show('palette')}>
        <Search size={15} aria-hidden />
        <span className={styles.findWord}>{strings.palette.short}</span>
        <Keys keys="Mod+K" />
      </button>
      <RoomList
        actions={{
          rooms: (
            <IconButton label={strings.rooms.create} onClick={() => show('createRoom')}>
              <Plus size={16} aria-hidden />
            </IconButton>
          ),
          people: (
            <IconButton label={strings.rooms.message} onClick={() => show('message')}>
              <MessageSquarePlus size={16} aria-hidden />
            </IconButton>
          ),
        }}
        before={
          !known &&
          (failure ? (
            <div className={styles.failure}>
              <Trouble what={strings.rooms.failed} failure={failure} onRetry={() => void chat.loadRooms()} />
            </div>
          ) : (
            <Skeleton shape="rooms" />
          ))
        }
        after={
          empty && (
            <div className={styles.first}>
              <FirstSteps title={strings.rooms.emptyTitle} hint={strings.rooms.emptyHint} />
              <RoomsToJoin />
            </div>
          )
        }
      />
      <UpdateRow />
      <Account onSignOut={onSignOut} />
    </nav>
  );
}

function Account({ onSignOut }: { onSignOut: () => Promise<void> }) {
  const me = useWatched('me', (chat) => chat.me);
  const { show } = useShell();
  const [, navigate] = useLocation();
  const { run } = useTask();
  return (
    <MenuButton
      label={strings.session.account(me.displayName)}
      className={styles.account}
      side="top"
      align="start"
      entries={[
        { icon: Settings, label: strings.settings.title, act: () => show('settings') },
        { icon: Keyboard, label: strings.commands.help, act: () => show('help') },
        ...(isOperator(me)
          ? [{ icon: Gauge, label: strings.operator.title, act: () => navigate('/admin') }]
          : []),
        { icon: LogOut, label: strings.session.signOut, act: () => void run(onSignOut) },
      ]}
    >
      <bdi className={styles.accountName}>{me.displayName}</bdi>
      <ChevronDown size={16} aria-hidden />
    </MenuButton>
  );
}
