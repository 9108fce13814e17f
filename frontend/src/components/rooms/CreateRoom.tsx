import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { strings } from '../../app/strings';
import { Failure } from '../../chat/failure';
import { useChat } from '../../hooks/useChat';
import { api } from '../../services/api';
import { Button } from '../ui/Button';
import { Modal } from '../ui/Modal';
import { TextField } from '../ui/TextField';
import styles from './Forms.module.css';

interface Props {
  open: boolean;
  onClose: () => void;
}

export function CreateRoom({ open, onClose }: Props) {
  return (
    <Modal open={open} onClose={onClose} title={strings.rooms.create}>
      <CreateRoomForm onClose={onClose} />
    </Modal>
  );
}

const KINDS = [
  { kind: 'public', label: strings.rooms.public, hint: strings.rooms.publicHint },
  { kind: 'private', label: strings.rooms.private, hint: strings.rooms.privateHint },
] as const;

function CreateRoomForm({ onClose }: { onClose: () => void }) {
  const chat = useChat();
  const [, navigate] = useLocation();
  const [name, setName] = useState('');
  const [topic, setTopic] = useState('');
  const [kind, setKind] = useState<'public' | 'private'>('public');
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  const [busy, setBusy] = useState(false);

  async function create(event: FormEvent) {
    event.preventDefault();
    if (!name.trim()) {
      setErrors({ name: strings.session.required });
      return;
    }
    setBusy(true);
    try {
      const about = topic.trim();
      const room = await api.createRoom({ name: name.trim(), kind, ...(about ? { topic: about } : {}) });
      chat.follow(room);
      onClose();
      navigate(`/r/${room.id}`);
    } catch (thrown) {
      const failure = Failure.from(thrown);
      setErrors(Object.keys(failure.fields).length > 0 ? failure.fields : { name: failure.message });
      setBusy(false);
    }
  }

  return (
    <form className={styles.form} onSubmit={(event) => void create(event)} noValidate>
      <TextField
        label={strings.rooms.name}
        value={name}
        maxLength={80}
        error={errors.name}
        autoComplete="off"
        onChange={(event) => setName(event.target.value)}
      />
      <TextField
        label={strings.rooms.topic}
        hint={strings.rooms.topicHint}
        value={topic}
        maxLength={500}
        error={errors.topic}
        autoComplete="off"
        onChange={(event) => setTopic(event.target.value)}
      />
      <fieldset className={styles.kinds}>
        <legend className={styles.legend}>{strings.rooms.kind}</legend>
        {KINDS.map((choice) => (
          <label key={choice.kind} className={styles.kind}>
            <input
              type="radio"
              name="kind"
              checked={kind === choice.kind}
              onChange={() => setKind(choice.kind)}
            />
            <span>
              <span className={styles.kindName}>{choice.label}</span>
              <span className={styles.kindHint}>{choice.hint}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <div className={styles.actions}>
        <Button type="submit" disabled={busy}>
          {strings.rooms.createButton}
        </Button>
      </div>
    </form>
  );
}
