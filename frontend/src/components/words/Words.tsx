/**
 * A message's words on the page. Each piece becomes one of the few elements
 * named here, with the attributes named here: nothing that somebody wrote ever
 * chooses an element, and no HTML is made of it.
 */
import { memo } from 'react';
import { type Block, type Inline, wordsOf } from '../../chat/words/words';
import { CodeBlock } from './CodeBlock';
import { Mention, RoomName, WordLink } from './names';
import styles from './Words.module.css';

interface Props {
  /** Of the message, to remember which of its parts were unfolded. */
  id: string;
  written: { readonly content: string };
  className?: string | undefined;
}

export const Words = memo(
  function Words({ id, written, className = '' }: Props) {
    const { blocks, emojiAlone } = wordsOf(written);
    return (
      <div className={`${styles.words} ${className}`} data-large={emojiAlone || undefined}>
        <Blocks id={id} blocks={blocks} />
      </div>
    );
  },
  // A reaction makes another object of a message, and no other words.
  (before, now) => before.id === now.id && before.written.content === now.written.content,
);

/** The pieces of a text never change places, so their place is their key. */
const keyAt = (index: number): string => String(index);

function Blocks({ id, blocks }: { id: string; blocks: readonly Block[] }) {
  return blocks.map((block, index) => {
    const key = keyAt(index);
    return <BlockOf key={key} id={`${id}.${key}`} block={block} />;
  });
}

function BlockOf({ id, block }: { id: string; block: Block }) {
  switch (block.kind) {
    case 'code':
      return <CodeBlock id={id} language={block.language} text={block.text} />;
    case 'quote':
      return (
        <blockquote className={styles.quote} dir="auto">
          <Blocks id={id} blocks={block.blocks} />
        </blockquote>
      );
    case 'list': {
      const items = block.items.map((item, index) => (
        <li key={keyAt(index)}>
          <Blocks id={`${id}.${index}`} blocks={item} />
        </li>
      ));
      if (block.start === undefined) {
        return (
          <ul className={styles.list} dir="auto">
            {items}
          </ul>
        );
      }
      return (
        <ol className={styles.list} dir="auto" start={block.start}>
          {items}
        </ol>
      );
    }
    default:
      return (
        <p className={styles.paragraph} dir="auto" data-heading={block.kind === 'heading' || undefined}>
          <Inlines inlines={block.children} />
        </p>
      );
  }
}

function Inlines({ inlines }: { inlines: readonly Inline[] }) {
  return inlines.map((inline, index) => <InlineOf key={keyAt(index)} inline={inline} />);
}

function InlineOf({ inline }: { inline: Inline }) {
  switch (inline.kind) {
    case 'text':
      return inline.text;
    case 'code':
      return <code className={styles.code}>{inline.text}</code>;
    case 'mention':
      return <Mention mention={inline} />;
    case 'room':
      return <RoomName room={inline} />;
    case 'link':
      return (
        <WordLink link={inline}>
          <Inlines inlines={inline.children} />
        </WordLink>
      );
    default: {
      const Element = EMPHASIS[inline.kind];
      return (
        <Element>
          <Inlines inlines={inline.children} />
        </Element>
      );
    }
  }
}

const EMPHASIS = { strong: 'strong', emphasis: 'em', strike: 's' } as const;
