// Compiled by MSBuild as an inline task (LoadableTorch.targets), not into the assembly. Reads only what it needs of a 64-bit little-endian
// ELF file: program headers -> PT_DYNAMIC -> DT_VERNEED -> the auxiliary entry of one version, and sets VER_FLG_WEAK in it.
using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

public sealed class WeakenSymbolVersion : Task
{
    private const int VersionFlagWeak = 2;
    private byte[] _image = Array.Empty<byte>();

    [Required]
    public string File { get; set; } = "";

    [Required]
    public string SymbolVersion { get; set; } = "";

    public override bool Execute()
    {
        _image = System.IO.File.ReadAllBytes(File);
        try
        {
            long flags = FindVersionFlags();
            if (flags < 0 || (_image[flags] & VersionFlagWeak) != 0)
                return true;
            _image[flags] |= VersionFlagWeak;
        }
        catch (Exception e) when (e is IndexOutOfRangeException || e is ArgumentException || e is OverflowException)
        {
            Log.LogMessage(MessageImportance.Low, "{0} has no readable version table: left alone", File);
            return true;
        }
        string beside = File + "." + System.Diagnostics.Process.GetCurrentProcess().Id + ".tmp";
        DateTime stamp = System.IO.File.GetLastWriteTimeUtc(File);
        System.IO.File.WriteAllBytes(beside, _image);
        System.IO.File.SetLastWriteTimeUtc(beside, stamp);
        System.IO.File.Replace(beside, File, null);
        Log.LogMessage(MessageImportance.Low, "{0}: {1} is now an optional need", File, SymbolVersion);
        return true;
    }

    /// <summary>File offset of the low byte of vna_flags of the wanted version, or -1.</summary>
    private long FindVersionFlags()
    {
        if (_image.Length < 64 || U32(0) != 0x464C457F || _image[4] != 2 || _image[5] != 1)
            return -1;
        long dynamic = -1, dynamicEnd = 0;
        for (int i = 0; i < U16(56); i++)
        {
            long header = ProgramHeader(i);
            if (U32(header) == 2)
            {
                dynamic = I64(header + 8);
                dynamicEnd = dynamic + I64(header + 32);
            }
        }
        if (dynamic < 0)
            return -1;
        long strings = -1, needs = -1, needCount = 0;
        for (long at = dynamic; at < dynamicEnd && I64(at) != 0; at += 16)
        {
            long tag = I64(at), value = I64(at + 8);
            if (tag == 5)
                strings = FileOffset(value);
            else if (tag == 0x6ffffffe)
                needs = FileOffset(value);
            else if (tag == 0x6fffffff)
                needCount = value;
        }
        if (strings < 0 || needs < 0)
            return -1;
        long need = needs;
        for (long n = 0; n < needCount; n++)
        {
            long entry = need + U32(need + 8);
            for (int a = 0; a < U16(need + 2); a++)
            {
                if (Name(strings + U32(entry + 8)) == SymbolVersion)
                    return entry + 4;
                entry += U32(entry + 12);
            }
            need += U32(need + 12);
        }
        return -1;
    }

    private long ProgramHeader(int i) => I64(32) + (long)i * U16(54);

    private long FileOffset(long address)
    {
        for (int i = 0; i < U16(56); i++)
        {
            long header = ProgramHeader(i), start = I64(header + 16);
            if (U32(header) == 1 && address >= start && address < start + I64(header + 32))
                return address - start + I64(header + 8);
        }
        return -1;
    }

    private string Name(long at)
    {
        int end = Array.IndexOf(_image, (byte)0, checked((int)at));
        return Encoding.ASCII.GetString(_image, (int)at, end - (int)at);
    }

    private int U16(long at) => BitConverter.ToUInt16(_image, checked((int)at));

    private uint U32(long at) => BitConverter.ToUInt32(_image, checked((int)at));

    private long I64(long at) => BitConverter.ToInt64(_image, checked((int)at));
}
