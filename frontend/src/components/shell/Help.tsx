/** Every key that does something here, as the commands themselves tell it. */
import { strings } from '../../app/strings';
import { type Command, GROUPS } from '../../chat/commands';
import { useShell } from '../../hooks/useShell';
import { Modal, type OverlayProps } from '../ui/Modal';
import styles from './Help.module.css';
import { Keys } from './Keys';

export default function Help(overlay: OverlayProps) {
  const { commands } = useShell();
  const withKeys = commands.list.filter(({ keys }) => keys && keys.length > 0);
  return (
    <Modal {...overlay} title={strings.commands.help} wide>
      <div className={styles.groups}>
        {GROUPS.map((group) => (
          <Group
            key={group}
            name={strings.commands.groups[group]}
            commands={withKeys.filter((one) => one.group === group)}
          />
        ))}
      </div>
    </Modal>
  );
}

function Group({ name, commands }: { name: string; commands: readonly Command[] }) {
  if (commands.length === 0) return null;
  return (
    <section>
      <h3 className={styles.group}>{name}</h3>
      <dl className={styles.list}>
        {commands.map((command) => (
          <div key={command.id} className={styles.command}>
            <dt>{command.name}</dt>
            <dd className={styles.keys}>
              {command.keys?.map((keys) => (
                <Keys key={keys} keys={keys} />
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
