/** Code as it was written: its language, a way to copy it, and its colours when they come. */
import { useEffect, useState } from 'react';
import { strings } from '../../app/strings';
import type { Toned } from '../../chat/tones';
import { growsDownwards } from '../../hooks/stillness';
import { useTask } from '../../hooks/useTask';
import { useUnfolded } from '../../hooks/useUnfolded';
import { coloured, colouredBefore } from '../../services/highlight';
import styles from './CodeBlock.module.css';

/** Longer code is folded. */
const MOST_LINES = 20;

interface Props {
  /** Of the block, to remember whether it was unfolded. */
  id: string;
  language: string;
  text: string;
}

export function CodeBlock({ id, language, text }: Props) {
  const lines = text.split('\n');
  const [unfolded, setUnfolded] = useUnfolded(id);
  const long = lines.length > MOST_LINES;
  const shown = long && !unfolded ? lines.slice(0, MOST_LINES).join('\n') : text;
  return (
    <figure className={styles.block}>
      <figcaption className={styles.head}>
        <span className={styles.language}>{language || strings.words.code}</span>
        <Copy text={text} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways has to be reached by keyboard. */}
      <pre className={styles.code} dir="ltr" tabIndex={0}>
        <code>
          <Coloured language={language} text={shown} />
        </code>
      </pre>
      {long && (
        <button
          type="button"
          className={styles.fold}
          aria-expanded={unfolded}
          onClick={(event) => {
            growsDownwards(event.currentTarget);
            setUnfolded(!unfolded);
          }}
        >
          {unfolded ? strings.words.fold : strings.words.unfold(lines.length)}
        </button>
      )}
    </figure>
  );
}

function Copy({ text }: { text: string }) {
  const { run } = useTask();
  const [copied, setCopied] = useState(false);
  return (
    <button
      type="button"
      className={styles.copy}
      onClick={async () => setCopied(await run(() => navigator.clipboard.writeText(text)))}
      onBlur={() => setCopied(false)}
      onPointerLeave={() => setCopied(false)}
    >
      <span aria-live="polite">{copied ? strings.messages.copied : strings.words.copy}</span>
    </button>
  );
}

function Coloured({ language, text }: { language: string; text: string }) {
  const [late, setLate] = useState<{ of: string; tones: readonly Toned[] | undefined }>();
  const tones = colouredBefore(language, text) ?? (late?.of === text ? late.tones : undefined);
  const missing = tones === undefined;
  useEffect(() => {
    if (!missing) return;
    let current = true;
    void coloured(language, text).then((found) => current && found && setLate({ of: text, tones: found }));
    return () => {
      current = false;
    };
  }, [language, text, missing]);
  if (!tones) return text;
  return tones.map(({ text: piece, tone }, index) => {
    // The pieces of a text never change places, so their place is their key.
    const key = `${index}`;
    if (tone === undefined) return piece;
    return (
      <span key={key} data-tone={tone}>
        {piece}
      </span>
    );
  });
}
