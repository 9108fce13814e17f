/** The rooms and people of the user, and the doors to others. */
import { Menu } from '@base-ui/react/menu';
import { ChevronDown, Compass, LogOut, MessageSquarePlus, Plus } from 'lucide-react';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { strings } from '../../app/strings';
import { useChat, useWatched } from '../../hooks/useChat';
import { useTask } from '../../hooks/useTask';
import { UpdateRow } from '../session/UpdateRow';
import { Button } from '../ui/Button';
import { IconButton } from '../ui/IconButton';
import menu from '../ui/Menu.module.css';
import { CreateRoom } from './CreateRoom';
import { FirstSteps } from './FirstSteps';
import { MessageSomeone } from './MessageSomeone';
import { RoomList } from './RoomList';
import styles from './Sidebar.module.css';

export function Sidebar({ onSignOut }: { onSignOut: () => Promise<void> }) {
  const chat = useChat();
  const known = useWatched('rooms', () => chat.roomsKnown);
  const failure = useWatched('rooms', () => chat.roomsFailure);
  const empty = useWatched('rooms', () => chat.roomsKnown && chat.rooms.list.length === 0);
  const [dialog, setDialog] = useState<'room' | 'direct'>();
  const [path] = useLocation();
  const close = () => setDialog(undefined);

  return (
    <nav className={styles.sidebar} aria-label={strings.rooms.label}>
      <div className={styles.head}>
        <Link href="/" className={styles.mark}>
          {strings.product}
        </Link>
        <Link href="/browse" className={styles.browse} aria-current={path === '/browse' ? 'page' : undefined}>
          <Compass size={16} aria-hidden />
          {strings.rooms.browseShort}
          <span className="visually-hidden"> {strings.rooms.rooms.toLowerCase()}</span>
        </Link>
      </div>
      <div className={styles.lists}>
        {failure && !known && (
          <div role="alert" className={styles.failure}>
            <p>{strings.rooms.failed}</p>
            <Button look="plain" onClick={() => void chat.loadRooms()}>
              {strings.retry}
            </Button>
          </div>
        )}
        <RoomList
          title={strings.rooms.rooms}
          direct={false}
          action={
            <IconButton label={strings.rooms.create} onClick={() => setDialog('room')}>
              <Plus size={16} aria-hidden />
            </IconButton>
          }
        />
        <RoomList
          title={strings.rooms.people}
          direct
          action={
            <IconButton label={strings.rooms.message} onClick={() => setDialog('direct')}>
              <MessageSquarePlus size={16} aria-hidden />
            </IconButton>
          }
        />
        {empty && (
          <div className={styles.first}>
            <FirstSteps title={strings.rooms.emptyTitle} hint={strings.rooms.emptyHint} />
          </div>
        )}
      </div>
      <UpdateRow />
      <Account onSignOut={onSignOut} />
      <CreateRoom open={dialog === 'room'} onClose={close} />
      <MessageSomeone open={dialog === 'direct'} onClose={close} />
    </nav>
  );
}

function Account({ onSignOut }: { onSignOut: () => Promise<void> }) {
  const me = useWatched('me', (chat) => chat.me);
  const { run } = useTask();
  return (
    <Menu.Root>
      <Menu.Trigger className={styles.account} aria-label={strings.session.account(me.displayName)}>
        <bdi className={styles.accountName}>{me.displayName}</bdi>
        <ChevronDown size={16} aria-hidden />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner className={menu.positioner} side="top" align="start" sideOffset={4} alignOffset={8}>
          <Menu.Popup className={menu.popup}>
            <Menu.Item className={menu.item} onClick={() => void run(onSignOut)}>
              <LogOut size={16} aria-hidden />
              {strings.session.signOut}
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
