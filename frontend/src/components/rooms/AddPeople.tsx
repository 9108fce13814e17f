import { useState } from 'react';
import { strings } from '../../app/strings';
import { useWatched } from '../../hooks/useChat';
import { useTask } from '../../hooks/useTask';
import type { Room, User } from '../../protocol';
import { api } from '../../services/api';
import { Button } from '../ui/Button';
import { Modal } from '../ui/Modal';
import styles from './Forms.module.css';
import { PeoplePicker } from './PeoplePicker';

export interface AddPeopleProps {
  room: Room;
  open: boolean;
  onClose: () => void;
}

export default function AddPeople({ room, open, onClose }: AddPeopleProps) {
  return (
    <Modal
      open={open}
      onClose={onClose}
      title={strings.rooms.add}
      description={strings.rooms.addIntro(room.name ?? '')}
    >
      <ChoosePeople room={room} onClose={onClose} />
    </Modal>
  );
}

function ChoosePeople({ room, onClose }: { room: Room; onClose: () => void }) {
  const members = useWatched(`members:${room.id}`, (chat) => chat.people.members(room.id));
  const [chosen, setChosen] = useState<User[]>([]);
  const { busy, run } = useTask();

  async function add() {
    const userIds = chosen.map((user) => user.id);
    if (await run(() => api.addMembers(room.id, userIds))) onClose();
  }

  return (
    <>
      <PeoplePicker
        chosen={chosen}
        onChange={setChosen}
        without={new Set(members.map((member) => member.user.id))}
      />
      <div className={styles.actions}>
        <Button disabled={busy || chosen.length === 0} onClick={() => void add()}>
          {strings.rooms.add}
        </Button>
      </div>
    </>
  );
}
