/** One of several, and yes or no, as settings ask for them. */
import { type ReactNode, useId } from 'react';
import styles from './Settings.module.css';

interface ChoiceProps<Option extends string> {
  title: string;
  options: readonly Option[];
  names: Readonly<Record<Option, ReactNode>>;
  chosen: string;
  onChoose: (option: Option) => void;
}

export function Choice<Option extends string>({
  title,
  options,
  names,
  chosen,
  onChoose,
}: ChoiceProps<Option>) {
  const group = useId();
  return (
    <fieldset className={styles.group}>
      <legend className={styles.title}>{title}</legend>
      <div className={styles.options}>
        {options.map((option) => (
          <label key={option} className={styles.option}>
            <input type="radio" name={group} checked={option === chosen} onChange={() => onChoose(option)} />
            {names[option]}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

interface SwitchProps {
  name: string;
  hint: string;
  on: boolean;
  onSwitch: (on: boolean) => void;
}

export function Switch({ name, hint, on, onSwitch }: SwitchProps) {
  return (
    <label className={styles.switch}>
      <input type="checkbox" checked={on} onChange={(event) => onSwitch(event.target.checked)} />
      <span>
        {name}
        <span className={styles.hint}>{hint}</span>
      </span>
    </label>
  );
}
