/**
 * What others may know of somebody. It is the server that tells them or does not,
 * so a wish counts, and is shown to count, once the server has taken it.
 */
import { useEffect, useRef, useState } from 'react';
import { strings } from '../../app/strings';
import { useChat, useWatched } from '../../hooks/useChat';
import { useTask } from '../../hooks/useTask';
import { api } from '../../services/api';
import { Switch } from './Choices';
import styles from './Settings.module.css';

export function PrivacySettings() {
  const chat = useChat();
  // An account that was remembered by an earlier release says nothing of this yet.
  const visible = useWatched('me', ({ me }) => me.lastSeenVisible ?? true);
  const [wish, setWish] = useState(visible);
  const wished = useRef(false);
  const { busy, run } = useTask();
  const { privacy: words } = strings;

  // It may have been changed on another device.
  useEffect(() => {
    api.me().then(
      (me) => {
        if (!wished.current) chat.meet(me);
      },
      () => undefined,
    );
  }, [chat]);

  function show(on: boolean) {
    if (busy) return;
    wished.current = true;
    setWish(on);
    void run(async () => chat.meet(await api.showLastSeen(on)));
  }

  return (
    <fieldset className={styles.group}>
      <legend className={styles.title}>{words.title}</legend>
      <Switch name={words.lastSeen} hint={words.lastSeenHint} on={busy ? wish : visible} onSwitch={show} />
    </fieldset>
  );
}
