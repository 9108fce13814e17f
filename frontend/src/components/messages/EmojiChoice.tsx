/** Something to react with: the few at hand at once, and all others below them. */
import { strings } from '../../app/strings';
import { emojiAtHand } from '../../chat/emoji';
import { Later, usePart } from '../../hooks/later';
import { usePreferences } from '../../hooks/usePreferences';
import styles from './EmojiChoice.module.css';

interface Props {
  onPick: (emoji: string) => void;
}

const picker = new Later<Props>(() => import('./EmojiPicker'));

export function EmojiChoice({ onPick }: Props) {
  const { recentEmoji } = usePreferences();
  const Picker = usePart(picker, true);
  return (
    <div className={styles.choice}>
      <fieldset className={styles.hand} aria-label={strings.emoji.atHand}>
        {emojiAtHand(recentEmoji).map((emoji) => (
          <button key={emoji} type="button" className={styles.emoji} onClick={() => onPick(emoji)}>
            {emoji}
          </button>
        ))}
      </fieldset>
      <div className={styles.all}>{Picker && <Picker onPick={onPick} />}</div>
    </div>
  );
}
