import UploadIcon from "@mui/icons-material/Upload";
import Button, { type ButtonProps } from "@mui/material/Button";
import { useRef } from "react";

interface FileButtonProps extends Pick<ButtonProps, "variant" | "size"> {
  label: string;
  multiple?: boolean;
  onFiles: (files: File[]) => void;
}

/** Opens the browser's own dialog for choosing files. */
export function FileButton({ label, multiple, onFiles, ...button }: FileButtonProps): React.JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button startIcon={<UploadIcon />} onClick={() => input.current?.click()} {...button}>
        {label}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        multiple={multiple}
        data-testid="file-input"
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = ""; // the same file may be chosen again
        }}
      />
    </>
  );
}
