using MudBlazor;

namespace LLMEval.Blazor.Layout;

/// <summary>The look: a calm green-blue, system fonts (nothing is fetched from elsewhere), contrasts of WCAG AA in light and dark.</summary>
public static class Themes
{
    public const string CookieName = "llmeval.theme";
    public const string Light = "light";
    public const string Dark = "dark";

    /// <summary>Name of the cascaded value that tells the frame what the browser chose before.</summary>
    public const string Cascade = "Theme";

    private static readonly string[] Sans = ["Inter", "Segoe UI", "system-ui", "-apple-system", "Noto Sans", "Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif"];

    public static string? Read(string? cookie) => cookie is Light or Dark ? cookie : null;

    public static MudTheme Default { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#0B6B66",
            PrimaryContrastText = "#FFFFFF",
            Secondary = "#9A4A1C",
            SecondaryContrastText = "#FFFFFF",
            Tertiary = "#5B4B9A",
            Info = "#1A5FA0",
            Success = "#1B6E3C",
            Warning = "#8A5200",
            WarningContrastText = "#FFFFFF",
            Error = "#B3261E",
            Dark = "#2B3836",
            Background = "#F5F7F6",
            BackgroundGray = "#EBEFED",
            Surface = "#FFFFFF",
            AppbarBackground = "#FFFFFF",
            AppbarText = "#1A2624",
            DrawerBackground = "#FBFCFB",
            DrawerText = "#2C3A38",
            DrawerIcon = "#52625F",
            TextPrimary = "#1A2624",
            TextSecondary = "#52625F",
            TextDisabled = "#7C8A87",
            ActionDefault = "#52625F",
            ActionDisabled = "#A4AFAC",
            Divider = "#DDE4E1",
            LinesDefault = "#DDE4E1",
            LinesInputs = "#7E8D89",
            TableLines = "#E3E9E6",
            TableStriped = "#F8FAF9",
            TableHover = "#EFF4F2",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#5CC9BF",
            PrimaryContrastText = "#04302C",
            Secondary = "#F0A878",
            SecondaryContrastText = "#3A1800",
            Tertiary = "#B9ACF0",
            TertiaryContrastText = "#241A4D",
            Info = "#86BDF2",
            InfoContrastText = "#062B4D",
            Success = "#7CCB97",
            SuccessContrastText = "#06301A",
            Warning = "#E9B45E",
            WarningContrastText = "#3A2600",
            Error = "#F49A92",
            ErrorContrastText = "#4A0B07",
            Dark = "#C8D3D0",
            DarkContrastText = "#161E1D",
            Black = "#0C1211",
            Background = "#121918",
            BackgroundGray = "#0E1413",
            Surface = "#1B2423",
            AppbarBackground = "#1B2423",
            AppbarText = "#E5ECEA",
            DrawerBackground = "#161E1D",
            DrawerText = "#D3DCDA",
            DrawerIcon = "#A3B1AE",
            TextPrimary = "#E5ECEA",
            TextSecondary = "#A9B7B4",
            TextDisabled = "#75837F",
            ActionDefault = "#A9B7B4",
            ActionDisabled = "#5A6865",
            ActionDisabledBackground = "#2A3533",
            Divider = "#2E3A38",
            LinesDefault = "#2E3A38",
            LinesInputs = "#7F8E8A",
            TableLines = "#2A3634",
            TableStriped = "#1E2826",
            TableHover = "#243130",
        },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "8px", AppbarHeight = "56px", DrawerWidthLeft = "220px" },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = Sans, LetterSpacing = "0", FontSize = ".9rem", LineHeight = "1.55" },
            H1 = new H1Typography { FontFamily = Sans, FontSize = "1.5rem", FontWeight = "650", LineHeight = "1.3", LetterSpacing = "-.01em" },
            H2 = new H2Typography { FontFamily = Sans, FontSize = "1.15rem", FontWeight = "600", LineHeight = "1.4", LetterSpacing = "0" },
            H3 = new H3Typography { FontFamily = Sans, FontSize = "1rem", FontWeight = "600", LineHeight = "1.4", LetterSpacing = "0" },
            H6 = new H6Typography { FontFamily = Sans, FontSize = "1.05rem", FontWeight = "600", LetterSpacing = "0" },
            Subtitle1 = new Subtitle1Typography { FontFamily = Sans, LetterSpacing = "0", FontSize = ".95rem" },
            Body1 = new Body1Typography { FontFamily = Sans, LetterSpacing = "0", FontSize = ".9rem", LineHeight = "1.55" },
            Body2 = new Body2Typography { FontFamily = Sans, LetterSpacing = "0", FontSize = ".85rem", LineHeight = "1.5" },
            Button = new ButtonTypography { FontFamily = Sans, FontSize = ".875rem", FontWeight = "550", TextTransform = "none", LetterSpacing = "0" },
            Caption = new CaptionTypography { FontFamily = Sans, LetterSpacing = "0", FontSize = ".78rem" },
        },
    };
}
