/** What a `MenuButton` opens. */
import { Menu } from '@base-ui/react/menu';
import { Check } from 'lucide-react';
import { type FocusEvent, useRef } from 'react';
import styles from './Menu.module.css';
import type { MenuEntry, MenuPopupProps, MenuSection } from './MenuButton';

export default function MenuPopup({
  id,
  label,
  entries,
  anchor,
  byKey,
  side,
  align,
  onOpenChange,
}: MenuPopupProps) {
  const begun = useRef(!byKey);

  /** Only a button of its own would have told the menu that a key has opened it. */
  function begin({ target }: FocusEvent) {
    if (begun.current) return;
    begun.current = true;
    target.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }));
  }

  return (
    <Menu.Root open onOpenChange={onOpenChange}>
      <Menu.Portal>
        <Menu.Positioner
          className={styles.positioner}
          anchor={anchor}
          side={side}
          align={align}
          sideOffset={4}
        >
          <Menu.Popup
            id={id}
            onFocus={begin}
            className={styles.popup}
            aria-label={label}
            finalFocus={() => anchor}
          >
            {entries.map((entry) =>
              'entries' in entry ? (
                <Section key={entry.entries[0]?.label} {...entry} />
              ) : (
                <Entry key={entry.label} {...entry} />
              ),
            )}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

function Section({ name, entries }: MenuSection) {
  if (entries.length === 0) return null;
  return (
    <>
      <Menu.Separator className={styles.separator} />
      <Menu.Group>
        {name && <Menu.GroupLabel className={styles.label}>{name}</Menu.GroupLabel>}
        {entries.map((entry) => (
          <Entry key={entry.label} {...entry} />
        ))}
      </Menu.Group>
    </>
  );
}

function Entry({ icon, label, hint, act, danger, chosen }: MenuEntry) {
  const Icon = chosen ? Check : icon;
  return (
    <Menu.Item
      className={danger ? `${styles.item} ${styles.danger}` : styles.item}
      onClick={act}
      {...(chosen === undefined ? {} : { role: 'menuitemradio', 'aria-checked': chosen })}
    >
      <span className={styles.mark}>{Icon && <Icon size={16} aria-hidden />}</span>
      <span>
        {label}
        {hint && <span className={styles.hint}>{hint}</span>}
      </span>
    </Menu.Item>
  );
}
