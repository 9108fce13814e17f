import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { strings } from '../../app/strings';
import { why } from '../../app/why';
import { Failure } from '../../chat/failure';
import { useAnswer } from '../../hooks/useAnswer';
import { useChat } from '../../hooks/useChat';
import { useTask } from '../../hooks/useTask';
import type { User } from '../../protocol';
import { api } from '../../services/api';
import { Button } from '../ui/Button';
import { Modal, type OverlayProps } from '../ui/Modal';
import { TextField } from '../ui/TextField';
import styles from './Forms.module.css';
import { PeoplePicker } from './PeoplePicker';

export default function CreateRoom(overlay: OverlayProps) {
  return (
    <Modal {...overlay} title={strings.rooms.create}>
      <CreateRoomForm onClose={overlay.onClose} />
    </Modal>
  );
}

const kinds = () =>
  [
    { kind: 'public', label: strings.rooms.public, hint: strings.rooms.publicHint },
    { kind: 'private', label: strings.rooms.private, hint: strings.rooms.privateHint },
  ] as const;

function CreateRoomForm({ onClose }: { onClose: () => void }) {
  const chat = useChat();
  const [, navigate] = useLocation();
  const [name, setName] = useState('');
  const [topic, setTopic] = useState('');
  const [kind, setKind] = useState<'public' | 'private'>('public');
  const [invited, setInvited] = useState<User[]>([]);
  const taken = useTaken(name.trim());
  const { run } = useTask();
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
      const userIds = invited.map((user) => user.id);
      // The room is there whether or not they could be added; who is missing can be added in it.
      if (userIds.length > 0) await run(() => api.addMembers(room.id, userIds));
    } catch (thrown) {
      const failure = Failure.from(thrown);
      setErrors(Object.keys(failure.fields).length > 0 ? failure.fields : { name: why(failure) });
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
        hint={taken ? strings.rooms.nameTaken : undefined}
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
        {kinds().map((choice) => (
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
      <PeoplePicker
        chosen={invited}
        onChange={setInvited}
        label={strings.rooms.invite}
        hint={strings.rooms.inviteHint}
        quiet
      />
      <div className={styles.actions}>
        <Button type="submit" disabled={busy}>
          {strings.rooms.createButton}
        </Button>
      </div>
    </form>
  );
}

/** Another public room is called that. It is no mistake, but seldom what was meant. */
function useTaken(name: string): boolean {
  const found = useAnswer(name || undefined, (asked) => api.browseRooms(asked));
  return name !== '' && (found?.rooms.some((room) => sameName.compare(room.name ?? '', name) === 0) ?? false);
}

const sameName = new Intl.Collator(undefined, { sensitivity: 'accent' });
