import { useState } from 'react';
import { useLocation } from 'wouter';
import { strings } from '../../app/strings';
import { useChat } from '../../hooks/useChat';
import { useTask } from '../../hooks/useTask';
import type { User } from '../../protocol';
import { api } from '../../services/api';
import { Button } from '../ui/Button';
import { Modal, type OverlayProps } from '../ui/Modal';
import styles from './Forms.module.css';
import { PeoplePicker } from './PeoplePicker';

export default function MessageSomeone(overlay: OverlayProps) {
  return (
    <Modal {...overlay} title={strings.rooms.message} description={strings.rooms.messageIntro}>
      <ChoosePeople onClose={overlay.onClose} />
    </Modal>
  );
}

function ChoosePeople({ onClose }: { onClose: () => void }) {
  const chat = useChat();
  const [, navigate] = useLocation();
  const [chosen, setChosen] = useState<User[]>([]);
  const { busy, run } = useTask();

  async function open() {
    await run(async () => {
      const room = await api.directRoom(chosen.map((user) => user.id));
      chat.follow(room);
      onClose();
      navigate(`/r/${room.id}`);
    });
  }

  return (
    <>
      <PeoplePicker chosen={chosen} onChange={setChosen} />
      <div className={styles.actions}>
        <Button disabled={busy || chosen.length === 0} onClick={() => void open()}>
          {strings.rooms.open}
        </Button>
      </div>
    </>
  );
}
