import { Eye, EyeOff } from 'lucide-react';
import { type ComponentProps, useState } from 'react';
import { strings } from '../../app/strings';
import { IconButton } from '../ui/IconButton';
import { TextField } from '../ui/TextField';

type Props = Omit<ComponentProps<typeof TextField>, 'type' | 'end' | 'label'>;

export function PasswordField(props: Props) {
  const [shown, setShown] = useState(false);
  return (
    <TextField
      {...props}
      label={strings.session.password}
      type={shown ? 'text' : 'password'}
      autoCapitalize="off"
      spellCheck={false}
      end={
        <IconButton
          label={shown ? strings.session.hidePassword : strings.session.showPassword}
          onClick={() => setShown(!shown)}
        >
          {shown ? <EyeOff size={18} aria-hidden /> : <Eye size={18} aria-hidden />}
        </IconButton>
      }
    />
  );
}
