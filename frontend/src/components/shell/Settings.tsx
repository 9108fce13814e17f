/** How somebody likes it. Each choice counts at once; there is nothing to confirm. */
import { useId } from 'react';
import { type Language, nameOf, OFFERED } from '../../app/language';
import { strings } from '../../app/strings';
import { DENSITIES, OPENINGS, TEXT_SIZES, THEMES } from '../../chat/settings';
import { useChat } from '../../hooks/useChat';
import { usePreferences } from '../../hooks/usePreferences';
import { Modal, type OverlayProps } from '../ui/Modal';
import { Choice, Switch } from './Choices';
import { NotificationSettings } from './NotificationSettings';
import { PrivacySettings } from './PrivacySettings';
import styles from './Settings.module.css';

export default function Settings(overlay: OverlayProps) {
  const { settings } = useChat();
  const { theme, density, language, opensAt, enterSends, singleKeys } = usePreferences();
  const { settings: words } = strings;
  return (
    <Modal {...overlay} title={words.title}>
      <div className={styles.settings}>
        <Choice
          title={words.theme}
          options={THEMES}
          names={words.themes}
          chosen={theme}
          onChoose={(chosen) => settings.change({ theme: chosen })}
        />
        <Choice
          title={words.density}
          options={DENSITIES}
          names={words.densities}
          chosen={density}
          onChoose={(chosen) => settings.change({ density: chosen })}
        />
        <TextSize />
        <Choice
          title={words.language}
          options={['system', ...OFFERED] as const}
          names={{ system: words.systemLanguage, en: <Itself language="en" />, ar: <Itself language="ar" /> }}
          chosen={language}
          onChoose={(chosen) => settings.change({ language: chosen })}
        />
        <Choice
          title={words.opensAt}
          options={OPENINGS}
          names={words.openings}
          chosen={opensAt}
          onChoose={(chosen) => settings.change({ opensAt: chosen })}
        />
        <NotificationSettings />
        <PrivacySettings />
        <fieldset className={styles.group}>
          <legend className={styles.title}>{words.keyboard}</legend>
          <Switch
            name={words.enterSends}
            hint={words.enterSendsHint}
            on={enterSends}
            onSwitch={(on) => settings.change({ enterSends: on })}
          />
          <Switch
            name={words.singleKeys}
            hint={words.singleKeysHint}
            on={singleKeys}
            onSwitch={(on) => settings.change({ singleKeys: on })}
          />
        </fieldset>
      </div>
    </Modal>
  );
}

/** A language calls itself what its readers call it. */
function Itself({ language }: { language: Language }) {
  return <bdi lang={language}>{nameOf(language)}</bdi>;
}

function TextSize() {
  const { settings } = useChat();
  const { textSize } = usePreferences();
  const { settings: words } = strings;
  const id = useId();
  return (
    <div className={styles.group}>
      <label htmlFor={id} className={styles.title}>
        {words.textSize}
      </label>
      <div className={styles.size}>
        <span aria-hidden className={styles.small}>
          A
        </span>
        <input
          id={id}
          type="range"
          min={0}
          max={TEXT_SIZES.length - 1}
          value={TEXT_SIZES.indexOf(textSize)}
          aria-valuetext={words.pixels(textSize)}
          aria-describedby={`${id}-note`}
          onChange={(event) =>
            settings.change({ textSize: TEXT_SIZES[event.target.valueAsNumber] ?? textSize })
          }
        />
        <span aria-hidden className={styles.large}>
          A
        </span>
      </div>
      <p id={`${id}-note`} className={styles.hint}>
        {words.thisDevice}
      </p>
    </div>
  );
}
