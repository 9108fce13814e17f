/** What may be seen and heard while somebody looks elsewhere, and when nothing may. */
import { type RefObject, useId, useLayoutEffect, useRef } from 'react';
import { strings } from '../../app/strings';
import { SOUNDS } from '../../chat/settings';
import { useChat } from '../../hooks/useChat';
import { useNotificationPermission } from '../../hooks/useNotificationPermission';
import { usePreferences } from '../../hooks/usePreferences';
import { askToNotify } from '../../services/notifications';
import { Button } from '../ui/Button';
import { Choice, Switch } from './Choices';
import styles from './Settings.module.css';

export function NotificationSettings() {
  const { settings } = useChat();
  const { sound } = usePreferences();
  const { notifications: words } = strings;
  const group = useRef<HTMLFieldSetElement>(null);
  return (
    <>
      <fieldset ref={group} className={styles.group}>
        <legend className={styles.title}>{words.title}</legend>
        <Desktop group={group} />
        <Rest />
      </fieldset>
      <Choice
        title={words.sound}
        options={SOUNDS}
        names={words.sounds}
        chosen={sound}
        onChoose={(chosen) => settings.change({ sound: chosen })}
      />
    </>
  );
}

/** Says what it is for before the browser asks, and what to do when it was told never to. */
function Desktop({ group }: { group: RefObject<HTMLFieldSetElement | null> }) {
  const { settings } = useChat();
  const { notifies } = usePreferences();
  const permission = useNotificationPermission();
  const asked = useRef(false);
  const { notifications: words } = strings;

  // The button is gone with the answer; its place is taken by what can be chosen now.
  useLayoutEffect(() => {
    if (!asked.current || permission === 'default') return;
    asked.current = false;
    group.current?.querySelector('input')?.focus();
  }, [group, permission]);

  function ask() {
    asked.current = true;
    // Whoever asks for them wants them.
    settings.change({ notifies: true });
    void askToNotify();
  }

  if (permission === 'granted') {
    return (
      <Switch
        name={words.desktop}
        hint={words.desktopHint}
        on={notifies}
        onSwitch={(on) => settings.change({ notifies: on })}
      />
    );
  }
  if (permission === 'default') {
    return (
      <div className={styles.asking}>
        <p className={styles.hint}>{words.why}</p>
        <Button onClick={ask}>{words.turnOn}</Button>
      </div>
    );
  }
  return (
    <p className={styles.note} role={permission === 'denied' ? 'status' : undefined}>
      {permission === 'denied' ? words.denied : words.absent}
    </p>
  );
}

/** The hours in which nobody is to be disturbed. */
function Rest() {
  const { settings } = useChat();
  const { quiet, quietFrom, quietTo } = usePreferences();
  const { notifications: words } = strings;
  return (
    <>
      <Switch
        name={words.quiet}
        hint={words.quietHint}
        on={quiet}
        onSwitch={(on) => settings.change({ quiet: on })}
      />
      {quiet && (
        <div className={styles.hours}>
          <Hour
            name={words.quietFrom}
            value={quietFrom}
            onChange={(time) => settings.change({ quietFrom: time })}
          />
          <Hour
            name={words.quietTo}
            value={quietTo}
            onChange={(time) => settings.change({ quietTo: time })}
          />
        </div>
      )}
    </>
  );
}

interface HourProps {
  name: string;
  value: string;
  onChange: (time: string) => void;
}

function Hour({ name, value, onChange }: HourProps) {
  const id = useId();
  return (
    <label htmlFor={id} className={styles.hour}>
      {name}
      <input
        id={id}
        type="time"
        required
        value={value}
        // While it is being typed it is no time yet.
        onChange={(event) => event.target.value && onChange(event.target.value)}
      />
    </label>
  );
}
