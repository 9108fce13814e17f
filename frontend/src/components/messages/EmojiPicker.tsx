/** All emoji, to be searched by name. It comes when somebody first looks for one. */
import { EmojiPicker as Picker } from 'frimousse';
import type { ComponentProps } from 'react';
import { strings } from '../../app/strings';
import { loadEmoji } from '../../services/emoji';
import styles from './EmojiPicker.module.css';

type Resolve = NonNullable<ComponentProps<typeof Picker.Root>['resolveEmojiData']>;

/** Ours, so that nobody else is ever asked for it. */
const emojiData: Resolve = async (locale) => {
  const known = await loadEmoji();
  return {
    locale,
    emojis: known.map(({ emoji, name, group, version, tags, shortcodes }) => {
      return { emoji, label: name, category: group, version, tags: [...tags, ...shortcodes] };
    }),
    categories: Object.entries(strings.emoji.groups).map(([index, label]) => ({
      index: Number(index),
      label,
    })),
    // None are offered.
    skinTones: { light: '', 'medium-light': '', medium: '', 'medium-dark': '', dark: '' },
  };
};

const COMPONENTS: NonNullable<ComponentProps<typeof Picker.List>['components']> = {
  CategoryHeader: ({ category, ...props }) => (
    <div className={styles.group} {...props}>
      {category.label}
    </div>
  ),
  Row: ({ children, ...props }) => (
    <div className={styles.row} {...props}>
      {children}
    </div>
  ),
  Emoji: ({ emoji, ...props }) => (
    <button className={styles.emoji} {...props}>
      {emoji.emoji}
    </button>
  ),
};

export default function EmojiPicker({ onPick }: { onPick: (emoji: string) => void }) {
  return (
    <Picker.Root
      className={styles.picker}
      columns={8}
      resolveEmojiData={emojiData}
      onEmojiSelect={({ emoji }) => onPick(emoji)}
    >
      <Picker.Search
        className={styles.search}
        aria-label={strings.emoji.search}
        placeholder={strings.emoji.search}
      />
      <Picker.Viewport className={styles.viewport} dir="ltr">
        <Picker.Loading className={styles.note}>{strings.loading}</Picker.Loading>
        <Picker.Empty className={styles.note}>{strings.emoji.none}</Picker.Empty>
        <Picker.List components={COMPONENTS} />
      </Picker.Viewport>
    </Picker.Root>
  );
}
